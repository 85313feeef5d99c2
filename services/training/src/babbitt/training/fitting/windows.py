"""Records cut into what a model reads."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from babbitt.contracts.bearings import FaultOrders
from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.manifests import RecordEntry
from babbitt.contracts.simulations import SEVERITIES
from babbitt.training.fitting.dataset_folder import Records
from babbitt.training.fitting.errors import DatasetUnusable
from babbitt.training.fitting.labelling import Labelling

type Inputs = dict[str, Tensor]
"""What a module reads, by name, in the order of `ModelSpec.inputs`."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of records, those of one record side by side.

    Attributes:
        inputs: of each window: `waveform` [window, channel, sample] float32, and where the model reads them
            `shaft_speed_hz` [window] and `fault_orders` [window, 4].
        targets: of each window's record, float32 [window, class]: 1 for what it has.
        record: index of the record that each window is of, int64 [window].
        entries: the records.
    """

    inputs: Inputs
    targets: Tensor
    record: Tensor
    entries: tuple[RecordEntry, ...]

    @classmethod
    def of(cls, records: Records, data: DataSpec, spec: ModelSpec, labelling: Labelling) -> Self:
        """All windows of the records that the labelling keeps.

        Raises:
            DatasetUnusable: a record is shorter than a window, or lacks what the model reads; or none is kept.
        """
        cut: list[NDArray[np.float32]] = []
        owner: list[int] = []
        entries: list[RecordEntry] = []
        for name, waveform, entry in zip(records.names, records.waveforms, records.entries, strict=True):
            if not labelling.keeps(entry):
                continue
            try:
                starts = spec.window_starts(waveform.shape[1])
            except ValueError as error:
                raise DatasetUnusable(f"record {name}: {error}") from error
            cut.extend(waveform[:, start : start + spec.window_samples] for start in starts)
            owner.extend([len(entries)] * len(starts))
            entries.append(entry)
        if not entries:
            raise DatasetUnusable("the class map leaves no record of a split")
        record = torch.tensor(owner)
        inputs = {"waveform": torch.from_numpy(np.stack(cut))}
        for name in spec.inputs[1:]:
            inputs[name] = torch.from_numpy(said(name, entries, data))[record]
        return cls(inputs, torch.from_numpy(labelling.targets(entries))[record], record, tuple(entries))

    def __len__(self) -> int:
        return len(self.record)

    @property
    def records(self) -> int:
        """How many there are."""
        return len(self.entries)

    def chosen(self, records: Sequence[int]) -> Self:
        """The windows of some records, which are counted anew in this order."""
        place = torch.full((self.records,), -1, dtype=torch.int64)
        place[torch.tensor(records, dtype=torch.int64)] = torch.arange(len(records))
        rows = torch.nonzero(place[self.record] >= 0).flatten()
        rows = rows[torch.argsort(place[self.record[rows]], stable=True)]
        return replace(
            self,
            inputs=self.rows(rows),
            targets=self.targets[rows],
            record=place[self.record[rows]],
            entries=tuple(self.entries[one] for one in records),
        )

    def rows(self, rows: Tensor | slice) -> Inputs:
        """Inputs of some windows."""
        return {name: values[rows] for name, values in self.inputs.items()}

    def vote(self, values: Tensor) -> Tensor:
        """The mean over each record's windows of [window, ...]: [record, ...]."""
        total = torch.zeros(self.records, *values.shape[1:], dtype=values.dtype)
        total.index_add_(0, self.record, values)
        counts = torch.bincount(self.record, minlength=self.records)
        return total / counts.reshape(-1, *[1] * (values.ndim - 1))

    def record_targets(self) -> Tensor:
        """Of each record, float32 [record, class]."""
        targets = self.targets.new_zeros(self.records, self.targets.shape[1])
        targets[self.record] = self.targets
        return targets

    def severity_levels(self) -> Tensor:
        """Of each window's record, its place among the levels of severity, int64 [window]; -1: it is not known."""
        levels = [SEVERITIES.index(one.severity) if one.severity in SEVERITIES else -1 for one in self.entries]
        return torch.tensor(levels)[self.record]

    def groups(self) -> tuple[str, ...]:
        """Of each record."""
        return tuple(entry.group for entry in self.entries)


def said(name: str, entries: Sequence[RecordEntry], data: DataSpec) -> NDArray[np.float32]:
    """What the dataset says of each record, for an input other than the waveform."""
    match name:
        case "shaft_speed_hz":
            speeds = [entry.shaft_speed_hz or data.shaft_speed_hz for entry in entries]
            if missing := [entry.record for entry, speed in zip(entries, speeds, strict=True) if speed is None]:
                raise DatasetUnusable(f"record {missing[0]}: its shaft speed is not known, and the model reads it")
            return np.array(speeds, dtype=np.float32)
        case "fault_orders":
            bearings = [entry.bearing or data.bearing for entry in entries]
            orders = [FaultOrders.of(bearing) for bearing in bearings if bearing]
            if len(orders) < len(entries):
                raise DatasetUnusable("the dataset says of no bearing's geometry, and the model reads its fault orders")
            return np.array([[one.outer_race, one.inner_race, one.ball, one.cage] for one in orders], dtype=np.float32)
        case _:
            raise DatasetUnusable(f"the model reads {name}, which no dataset says")
