"""Which records are for training, validation and test: what belongs together is never torn apart."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from babbitt.contracts.splits import SPLITS, SplitName, SplitSpec
from babbitt.signals.errors import DatasetImpossible

NAMED = 20
"""Groups that a refusal names at most."""


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


@dataclass(frozen=True, slots=True)
class GroupSplit:
    """A split by group.

    Attributes:
        splits: of each group; one whose classes are all in `in_time` has none.
        in_time: classes with a single group: their recordings are divided in time, or they could not be tested.
    """

    splits: Mapping[str, SplitName]
    in_time: frozenset[str]


def assign_groups(groups: Sequence[Unit], split: SplitSpec, *, what: str = "groups") -> GroupSplit:
    """A split for each group. Without `held_out` by shares; with it, those are the test split, the rest by shares.

    A class with a single group is divided in time, whether others are held out or not.

    Raises:
        DatasetImpossible: a class would be missing where it may not be, or there is no such group to hold out.
    """
    counts = Counter(label for group in groups for label in group.labels)
    in_time = frozenset(label for label, count in counts.items() if count == 1)
    _check_held_out(groups, split.held_out, in_time)
    kept = [replace(group, labels=group.labels - in_time) for group in groups if group.labels - in_time]
    if not kept:
        raise DatasetImpossible(
            "/configuration/split/kind",
            f"every class has one of the {what} alone: nothing of it could be kept apart",
            "time, which is optimistic, or more groups",
        )
    if not split.held_out:
        return GroupSplit(assign_splits(kept, validation=split.validation, test=split.test, what=what), in_time)
    rest = [group for group in kept if group.key not in split.held_out]
    _refuse_untrained(kept, rest, what)
    assigned: dict[str, SplitName] = dict.fromkeys(split.held_out, "test")
    for dealt in map(_dealt, _by_labels(rest)):
        validations = max(1, round(split.validation * len(dealt))) if len(dealt) > 1 else 0
        for position, group in enumerate(dealt):
            assigned[group.key] = "validation" if position < validations else "train"
    if "validation" not in assigned.values() and not in_time:
        raise DatasetImpossible(
            "/configuration/split/held_out",
            f"of what is left no class has two {what}: nothing is left for validation",
            f"at least two {what} of a class that are not held out",
        )
    return GroupSplit(assigned, in_time)


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
    for dealt in map(_dealt, _by_labels(units)):
        tests, validations = _count(test, dealt), _count(validation, dealt)
        for position, unit in enumerate(dealt):
            if position < tests:
                assigned[unit.key] = "test"
            else:
                assigned[unit.key] = "validation" if position < tests + validations else "train"
    _refuse_gaps(units, assigned, what)
    return assigned


def _by_labels(units: Iterable[Unit]) -> list[list[Unit]]:
    return _grouped(units, key=lambda unit: " ".join(sorted(unit.labels)))


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


def _check_held_out(groups: Sequence[Unit], held_out: Sequence[str], in_time: frozenset[str]) -> None:
    known = {group.key: group for group in groups}
    for position, name in enumerate(held_out):
        pointer = f"/configuration/split/held_out/{position}"
        if name not in known:
            names = sorted(known)
            more = f", and {len(names) - NAMED} more" if len(names) > NAMED else ""
            raise DatasetImpossible(pointer, f"there is no group {name}", ", ".join(names[:NAMED]) + more)
        if alone := sorted(known[name].labels & in_time):
            raise DatasetImpossible(
                pointer,
                f"{name} is the only group of class {alone[0]}: nothing would be left to train it on",
                "a group whose classes have others",
            )


def _refuse_untrained(groups: Sequence[Unit], rest: Sequence[Unit], what: str) -> None:
    trained = {label for group in rest for label in group.labels}
    for label in sorted({label for group in groups for label in group.labels} - trained):
        raise DatasetImpossible(
            "/configuration/split/held_out",
            f"all {what} of class {label} are held out: nothing is left to train it on",
            f"at least one of its {what} that is not held out",
        )


def _grouped(units: Iterable[Unit], key: Callable[[Unit], str]) -> list[list[Unit]]:
    return [list(alike) for _, alike in groupby(sorted(units, key=key), key=key)]
