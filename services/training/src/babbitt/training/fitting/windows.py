"""Records cut into what a model reads."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from babbitt.contracts.dataspec import ModelSpec
from babbitt.training.fitting.dataset_folder import Records
from babbitt.training.fitting.errors import DatasetUnusable


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of records, those of one record side by side.

    Attributes:
        waveforms: float32 [window, channel, sample].
        labels: class of each window, int64 [window].
        record: index of the record that each window is of, int64 [window].
        records: how many records there are.
    """

    waveforms: Tensor
    labels: Tensor
    record: Tensor
    records: int

    @classmethod
    def of(cls, records: Records, spec: ModelSpec) -> "Windows":
        """All windows of all records.

        Raises:
            DatasetUnusable: a record is shorter than a window.
        """
        cut: list[NDArray[np.float32]] = []
        owner: list[int] = []
        for index, (name, waveform) in enumerate(zip(records.names, records.waveforms, strict=True)):
            try:
                starts = spec.window_starts(waveform.shape[1])
            except ValueError as error:
                raise DatasetUnusable(f"record {name}: {error}") from error
            cut.extend(waveform[:, start : start + spec.window_samples] for start in starts)
            owner.extend([index] * len(starts))
        record = torch.tensor(owner)
        return cls(
            waveforms=torch.from_numpy(np.stack(cut)),
            labels=torch.from_numpy(records.labels)[record],
            record=record,
            records=len(records.names),
        )

    def vote(self, probabilities: Tensor) -> Tensor:
        """The mean over each record's windows of [window, class]: [record, class]."""
        total = torch.zeros(self.records, probabilities.shape[1], dtype=probabilities.dtype)
        total.index_add_(0, self.record, probabilities)
        return total / torch.bincount(self.record, minlength=self.records)[:, None]

    def record_labels(self) -> Tensor:
        """Class of each record, int64 [record]."""
        labels = torch.empty(self.records, dtype=torch.int64)
        labels[self.record] = self.labels
        return labels
