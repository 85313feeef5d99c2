"""Records with their truth, and what a model answers for them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.answers import calibrated, health, record_severity, voted
from babbitt.contracts.dataspec import ModelSpec
from babbitt.contracts.manifests import RecordEntry

BATCH = 32
"""Windows that are answered at once, at least; those of one record stay together."""
MOST_AT_ONCE = 1024
"""Of one record."""

type Floats = NDArray[np.float32]
type Inputs = Mapping[str, Floats]
"""What a model reads, by the names of `ModelSpec.inputs`: [window, ...]."""


class WindowAnswers(NamedTuple):
    """Probabilities [window, class], and of models that have them novelty and severity [window]."""

    probabilities: Floats
    novelty: Floats | None = None
    severity: Floats | None = None


type Answering = Callable[[Inputs], WindowAnswers]
"""Answers windows. The evaluation knows no more of a model."""


class Waveforms(Protocol):
    """Records' samples, float32 [channel, sample], by their place."""

    def __getitem__(self, row: int, /) -> Floats: ...


@dataclass(frozen=True, slots=True)
class LabelledRecords:
    """Records whose truth is known.

    Attributes:
        entries: what the manifest says of them.
        waveforms: of each, float32 [channel, sample].
        targets: what is true of each, in the order of the ModelSpec's classes: bool [record, class].
        healthy: which of them have no fault: bool [record].
        said: inputs beside the waveform, by name: float32 [record, ...].
    """

    entries: tuple[RecordEntry, ...]
    waveforms: Waveforms
    targets: NDArray[np.bool_]
    healthy: NDArray[np.bool_]
    said: Inputs = field(default_factory=dict[str, Floats])

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def groups(self) -> tuple[str, ...]:
        """Of each record."""
        return tuple(entry.group for entry in self.entries)

    def chosen(self, rows: Sequence[int]) -> "LabelledRecords":
        """Some of them, in this order."""
        return LabelledRecords(
            entries=tuple(self.entries[row] for row in rows),
            waveforms=[self.waveforms[row] for row in rows],
            targets=self.targets[rows],
            healthy=self.healthy[rows],
            said={name: values[rows] for name, values in self.said.items()},
        )

    def answered(self, answering: Answering, spec: ModelSpec) -> "Answers":
        """What a model answers for all of them, window by window, a few records at a time."""
        windows: list[WindowAnswers] = []
        owners: list[NDArray[np.int64]] = []
        for inputs, owner in self._batches(spec):
            windows.append(answering(inputs))
            owners.append(owner)
        scores = [one.novelty for one in windows if one.novelty is not None]
        shares = [one.severity for one in windows if one.severity is not None]
        return Answers(
            spec,
            np.concatenate([one.probabilities for one in windows]),
            np.concatenate(scores) if scores else None,
            np.concatenate(owners),
            np.concatenate(shares) if shares else None,
        )

    def inputs_of(self, row: int, spec: ModelSpec) -> dict[str, Floats]:
        """The windows of one record, as a model reads them."""
        waveform = self.waveforms[row]
        return self._inputs(row, waveform, spec.window_starts(waveform.shape[1]), spec)

    def _inputs(self, row: int, waveform: Floats, starts: Sequence[int], spec: ModelSpec) -> dict[str, Floats]:
        inputs = {"waveform": np.stack([waveform[:, start : start + spec.window_samples] for start in starts])}
        return inputs | {
            name: np.repeat(values[row : row + 1], len(starts), axis=0) for name, values in self.said.items()
        }

    def _batches(self, spec: ModelSpec) -> Iterator[tuple[dict[str, Floats], NDArray[np.int64]]]:
        pending: list[dict[str, Floats]] = []
        owner: list[int] = []
        for row in range(len(self)):
            waveform = self.waveforms[row]
            for starts in batched(spec.window_starts(waveform.shape[1]), MOST_AT_ONCE):
                pending.append(self._inputs(row, waveform, starts, spec))
                owner += [row] * len(starts)
                if len(owner) >= BATCH:
                    yield _joined(pending), np.array(owner)
                    pending, owner = [], []
        if owner:
            yield _joined(pending), np.array(owner)


def _joined(inputs: Sequence[Inputs]) -> dict[str, Floats]:
    return {name: np.concatenate([one[name] for one in inputs]) for name in inputs[0]}


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers for records, those of one record side by side.

    Attributes:
        probabilities: float32 [window, class].
        novelty: float32 [window]; None: the model has no such output.
        record: index of the record that each window is of, int64 [window].
        severity: float32 [window]; None likewise.
    """

    spec: ModelSpec
    probabilities: Floats
    novelty: Floats | None
    record: NDArray[np.int64]
    severity: Floats | None = None

    def voted(self) -> NDArray[np.float64]:
        """Of each record, as inference votes, before any calibration: [record, class]."""
        return np.stack([voted(windows) for windows in np.split(self.probabilities, self._cuts())])

    def served(self) -> NDArray[np.float64]:
        """Of each record, as inference answers it: [record, class]."""
        novelty = self.record_novelty()
        if self.spec.task == "one_class" and self.spec.novelty and novelty is not None:
            return health(novelty, self.spec.novelty)[:, None]
        return calibrated(self.voted(), self.spec)

    def record_novelty(self) -> NDArray[np.float64] | None:
        """The score of each record, which is its windows' mean: [record]."""
        if self.novelty is None:
            return None
        return np.array([np.mean(scores, dtype=np.float64) for scores in np.split(self.novelty, self._cuts())])

    def record_severity(self) -> NDArray[np.float64] | None:
        """How far each record's fault has gone, as inference tells it: [record]."""
        if self.severity is None:
            return None
        return np.array([record_severity(windows) for windows in np.split(self.severity, self._cuts())])

    def windows_of_records(self) -> NDArray[np.int64]:
        """How many windows each record has."""
        return np.bincount(self.record)

    def _cuts(self) -> NDArray[np.int64]:
        return np.cumsum(self.windows_of_records())[:-1]
