"""Windows of rolling bearings, recorded and simulated, as `order_envelope` reads them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from babbitt.contracts.bearings import FaultOrders
from babbitt.contracts.dataspec import BearingGeometry, Channel, DataSpec, ModelSpec
from babbitt.contracts.mappings import ImportMapping
from babbitt.contracts.simulations import SKF_6205, RollingSource
from babbitt.contracts.splits import SplitSpec
from babbitt.recordings.recordings import read_recording
from babbitt.signals.domain.rolling.plan import RollingPlan

NAMES = ("waveform", "shaft_speed_hz", "fault_orders")


@dataclass(frozen=True, slots=True)
class BearingWindows:
    """Windows, those of one recording side by side.

    Attributes:
        inputs: by name, [window, ...].
        labels: class of each, int64 [window].
        recording: which one each is of, [window].
        ends: where each ends, as a share of its recording: [window].
    """

    inputs: dict[str, Tensor]
    labels: NDArray[np.int64]
    recording: NDArray[np.int64]
    ends: NDArray[np.float64]

    @classmethod
    def of(
        cls, recordings: Iterable[tuple[int, int, NDArray[np.float32], float, BearingGeometry]], spec: ModelSpec
    ) -> Self:
        """All windows of recordings: number, class, samples [1, sample], speed and bearing of each."""
        cut: list[NDArray[np.float32]] = []
        said: list[tuple[float, list[float], int, int, float]] = []
        for number, label, samples, speed_hz, bearing in recordings:
            orders = FaultOrders.of(bearing)
            for start in spec.window_starts(samples.shape[1]):
                end = start + spec.window_samples
                cut.append(samples[:, start:end])
                four = [orders.outer_race, orders.inner_race, orders.ball, orders.cage]
                said.append((speed_hz, four, label, number, end / samples.shape[1]))
        speeds, orders, labels, numbers, ends = zip(*said, strict=True)
        inputs = (np.stack(cut), np.array(speeds, np.float32), np.array(orders, np.float32))
        tensors = {name: torch.from_numpy(values) for name, values in zip(NAMES, inputs, strict=True)}
        return cls(tensors, np.array(labels), np.array(numbers), np.array(ends))

    def __len__(self) -> int:
        return len(self.labels)

    def chosen(self, rows: NDArray[np.bool_]) -> Self:
        """Some of them."""
        inputs = {name: values[torch.from_numpy(rows)] for name, values in self.inputs.items()}
        return type(self)(inputs, self.labels[rows], self.recording[rows], self.ends[rows])

    def at_wrong_speed(self, error: float) -> Self:
        """The same, every other one said to turn faster by this share, the others slower."""
        signs = torch.from_numpy(np.where(np.arange(len(self)) % 2, -1.0, 1.0).astype(np.float32))
        speeds = self.inputs["shaft_speed_hz"] * (1 + error * signs)
        return type(self)(self.inputs | {"shaft_speed_hz": speeds}, self.labels, self.recording, self.ends)


def data_spec(classes: tuple[str, ...], rate_hz: float) -> DataSpec:
    """What both kinds of data are."""
    return DataSpec(
        channels=(Channel(),),
        sampling_rate_hz=rate_hz,
        record_samples=round(rate_hz),
        shaft_speed="per_record",
        bearing=SKF_6205,
        class_names=classes,
    )


def recorded(folder: Path, labels: dict[int, int], mapping: ImportMapping, spec: ModelSpec) -> BearingWindows:
    """Windows of the files `<number>.mat` of a folder, with the class of each number."""

    def read(number: int) -> tuple[int, int, NDArray[np.float32], float, BearingGeometry]:
        recording = read_recording(folder / f"{number}.mat", f"{number}.mat", mapping)
        assert recording.shaft_speed_hz is not None
        return number, labels[number], recording.samples, recording.shaft_speed_hz, mapping.bearing or SKF_6205

    return BearingWindows.of(map(read, labels), spec)


def simulated(source: RollingSource, spec: ModelSpec) -> BearingWindows:
    """Windows of simulated machines, those that a split would hold out among them."""
    plan = RollingPlan(source, SplitSpec(kind="group"))
    recordings = (
        (
            number,
            source.classes.index(plan.label_of(number // source.records_per_machine)),
            one.samples.copy(),
            speed,
            b,
        )
        for number, one in enumerate(one for shard in plan.shards for one in plan.waveforms(shard))
        if (speed := one.shaft_speed_hz) is not None and (b := one.bearing or source.bearings[0])
    )
    return BearingWindows.of(recordings, spec)
