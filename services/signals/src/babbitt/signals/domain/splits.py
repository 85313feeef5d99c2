"""Which records are for training, validation and test: what belongs together is never torn apart."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from babbitt.contracts.splits import SPLITS, SplitName
from babbitt.signals.errors import DatasetImpossible


@dataclass(frozen=True, slots=True)
class Unit:
    """What goes into one split as a whole: a record, a recording, a group.

    Attributes:
        key: its name.
        labels: the classes of its records.
        stratum: what is spread evenly besides the classes, such as the level of severity.
    """

    key: str
    labels: frozenset[str]
    stratum: str = ""


def assign_splits(units: Sequence[Unit], *, validation: float, test: float, what: str) -> Mapping[str, SplitName]:
    """A split for each unit, by shares of units within each set of classes.

    The order of a class's units follows from the digest of their keys: the same units give the same split wherever it
    is worked out, whatever their order.

    Args:
        units: with keys that differ.
        validation: share for validation; at least one unit of a class where there are three.
        test: share for test; likewise.
        what: what a unit is, for messages: `groups`.

    Raises:
        DatasetImpossible: a class would be missing in a split.
    """
    assigned: dict[str, SplitName] = {}
    for alike in _grouped(units, key=lambda unit: " ".join(sorted(unit.labels))):
        dealt = _dealt(alike)
        tests, validations = _count(test, dealt), _count(validation, dealt)
        for position, unit in enumerate(dealt):
            if position < tests:
                assigned[unit.key] = "test"
            else:
                assigned[unit.key] = "validation" if position < tests + validations else "train"
    _refuse_gaps(units, assigned, what)
    return assigned


def _dealt(units: Iterable[Unit]) -> list[Unit]:
    """The strata's units in turn, so that any first so many hold each stratum equally often."""
    ranked: list[tuple[int, str, Unit]] = []
    for alike in _grouped(units, key=lambda unit: unit.stratum):
        by_digest = sorted(alike, key=lambda unit: hashlib.sha256(unit.key.encode()).digest())
        ranked += [(rank, unit.stratum, unit) for rank, unit in enumerate(by_digest)]
    return [unit for _, _, unit in sorted(ranked, key=lambda entry: entry[:2])]


def _count(share: float, units: Sequence[Unit]) -> int:
    return max(1, round(share * len(units))) if len(units) >= len(SPLITS) else 0


def _refuse_gaps(units: Sequence[Unit], assigned: Mapping[str, SplitName], what: str) -> None:
    for label in sorted({label for unit in units for label in unit.labels}):
        holding = [unit for unit in units if label in unit.labels]
        missing = set(SPLITS) - {assigned[unit.key] for unit in holding}
        if missing:
            lacking = ", ".join(split for split in SPLITS if split in missing)
            raise DatasetImpossible(
                "/configuration/split",
                f"class {label} has {len(holding)} {what}: with these shares none is left for {lacking}",
                f"at least {len(SPLITS)} {what} of each class, or smaller shares, or kind 'time' for recordings",
            )


def _grouped(units: Iterable[Unit], key: Callable[[Unit], str]) -> list[list[Unit]]:
    return [list(alike) for _, alike in groupby(sorted(units, key=key), key=key)]
