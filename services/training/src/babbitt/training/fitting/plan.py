"""Which runs a job consists of, and which records each of them learns from, is stopped by, and is asked about."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from babbitt.contracts.manifests import RecordEntry
from babbitt.contracts.training_requests import TrainRequested
from babbitt.training.fitting.errors import BadRequest
from babbitt.training.fitting.labelling import Labelling

FEWEST_TO_CALIBRATE = 4
"""Groups of the validation split; of fewer none is spared for calibration."""
STOPPING_PART = 6
"""Of the groups that a fold learns from, every sixth says when to stop."""


@dataclass(frozen=True, slots=True)
class Run:
    """One training of a job. Records are indices into those of training and validation split together.

    Attributes:
        name: for people; empty where there is one alone.
        seed: of its weights and draws.
        train: what it learns from.
        stopping: what it is judged by, which says when to stop and which weights to keep; empty: it goes on to
            `stop_after`.
        held_out: groups that a fold is asked about when it is over; empty: its weights may become the version's.
        stop_after: epochs.
    """

    name: str
    seed: int
    train: tuple[int, ...]
    stopping: tuple[int, ...]
    held_out: tuple[str, ...] = ()
    asked: tuple[int, ...] = ()
    stop_after: int | None = None


class Plan:
    """The runs of a request on these records.

    Args:
        request: asks for seeds and folds.
        training, validation: the records of the two splits.
        labelling: what is told of a record, and whether it may be learnt from.
        at_once: there are no epochs to stop; with no seeds to choose from either, all of validation calibrates.

    Attributes:
        folds: these come first.
        calibration: records that no run learns from and by which nothing is chosen; empty: there are too few, or the
            folds' answers on what they were not trained on stand in for them.

    Raises:
        BadRequest: there are too few groups for the folds.
    """

    def __init__(
        self,
        request: TrainRequested,
        training: Sequence[RecordEntry],
        validation: Sequence[RecordEntry],
        labelling: Labelling,
        *,
        at_once: bool = False,
    ) -> None:
        self._seeds = request.seeds or (request.seed,)
        self._pool = (*training, *validation)
        self._told = tuple(labelling.told(entry) for entry in self._pool)
        self._learns = tuple(labelling.learns(entry) for entry in self._pool)
        self._train = self._of_learning(range(len(training)))
        self._validation = tuple(range(len(training), len(self._pool)))
        self.folds = self._folded(request) if request.folds else ()
        if self.folds:
            self.calibration, self._stopping = (), self._validation
        elif at_once and len(self._seeds) == 1:
            self.calibration = self._stopping = self._validation
        else:
            self.calibration, self._stopping = self._halved()

    @property
    def runs(self) -> int:
        """How many there will be."""
        return len(self.folds) + len(self._seeds)

    def final(self, kept_epochs: Sequence[int]) -> tuple[Run, ...]:
        """The runs whose weights may become the version's, given the epochs that the folds kept."""
        if self.folds:
            everything, epochs = self._of_learning(range(len(self._pool))), max(1, round(median(kept_epochs)))
            return tuple(Run(self._named(seed), seed, everything, (), stop_after=epochs) for seed in self._seeds)
        return tuple(Run(self._named(seed), seed, self._train, self._stopping) for seed in self._seeds)

    def _named(self, seed: int) -> str:
        return f"seed {seed}" if len(self._seeds) > 1 or self.folds else ""

    def _halved(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Validation records for calibration and for stopping: groups are dealt in turn, class by class."""
        groups = self._by_group(self._validation)
        if len(groups) < FEWEST_TO_CALIBRATE:
            return (), self._validation
        dealt = sorted(groups, key=lambda name: (self._told[groups[name][0]], _digest(name)))
        calibration = tuple(sorted(index for name in dealt[1::2] for index in groups[name]))
        stopping = tuple(sorted(index for name in dealt[::2] for index in groups[name]))
        return calibration, stopping

    def _folded(self, request: TrainRequested) -> tuple[Run, ...]:
        groups = self._by_group(range(len(self._pool)))
        classes: dict[str, set[str]] = defaultdict(set)
        for name, records in groups.items():
            for index in records:
                for told in self._told[index] or ("",):
                    classes[told].add(name)
        alone = {next(iter(names)) for names in classes.values() if len(names) == 1}
        movable = sorted(groups.keys() - alone, key=lambda name: (len(groups[name]), _digest(name)), reverse=True)
        count = len(movable) if isinstance(request.folds, str) or request.folds is None else request.folds
        if len(movable) < max(2, count):
            raise BadRequest(
                f"folds: {len(movable)} groups can be left out (those that are all there is of a class cannot), "
                f"{max(2, count)} are needed"
            )
        parts = [tuple(sorted(movable[first::count])) for first in range(count)]
        return tuple(self._fold(part, groups, self._seeds[0]) for part in parts)

    def _fold(self, held_out: tuple[str, ...], groups: dict[str, list[int]], seed: int) -> Run:
        rest = sorted(groups.keys() - set(held_out), key=_digest)
        stops = set(rest[::STOPPING_PART]) if len(rest) >= STOPPING_PART else set(rest)
        learns = [name for name in rest if name not in stops] if len(rest) >= STOPPING_PART else rest
        return Run(
            name=_without(held_out),
            seed=seed,
            train=self._of_learning(sorted(index for name in learns for index in groups[name])),
            stopping=tuple(sorted(index for name in stops for index in groups[name])),
            held_out=held_out,
            asked=tuple(sorted(index for name in held_out for index in groups[name])),
        )

    def _of_learning(self, records: Sequence[int]) -> tuple[int, ...]:
        return tuple(index for index in records if self._learns[index])

    def _by_group(self, records: Sequence[int]) -> dict[str, list[int]]:
        groups: dict[str, list[int]] = defaultdict(list)
        for index in records:
            groups[self._pool[index].group].append(index)
        return groups


def _without(groups: Sequence[str]) -> str:
    others = f" and {len(groups) - 1} more" if len(groups) > 1 else ""
    return f"without {groups[0]}{others}"


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
