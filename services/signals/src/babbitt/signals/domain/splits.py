"""Which records are for training, validation and test: what belongs together is never torn apart."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from babbitt.contracts.splits import SPLITS, SplitName, SplitSpec
from babbitt.signals.errors import DatasetImpossible

NAMED = 20
"""Groups that a refusal names at most."""

_ORDERS_TRIED = 8  # in which classes are dealt, where groups have several of them: one may work where another does not


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
    assigned |= _deal(rest, lambda held: (0, max(1, round(split.validation * held)) if held > 1 else 0))
    if "validation" not in assigned.values() and not in_time:
        raise DatasetImpossible(
            "/configuration/split/held_out",
            f"nothing is left for validation: of the other {what} each is the last of a class to train on",
            f"at least two {what} of a class that are not held out",
        )
    return GroupSplit(assigned, in_time)


def assign_splits(units: Sequence[Unit], *, validation: float, test: float, what: str) -> Mapping[str, SplitName]:
    """A split for each unit, by shares of the units of each class.

    The order of a class's units follows from the digest of their keys: the same units give the same split wherever it
    is worked out, whatever their order.

    Args:
        units: with keys that differ.
        validation: share for validation; at least one unit of a class where there are three.
        test: share for test; likewise.
        what: what a unit is, for messages: `groups`.

    Raises:
        DatasetImpossible: a class would be missing in a split; where units have several classes, however often it was
            tried.
    """
    refusals: list[DatasetImpossible] = []
    for first in range(_ORDERS_TRIED if any(len(unit.labels) > 1 for unit in units) else 1):
        assigned = _deal(units, lambda held: (_count(test, held), _count(validation, held)), first)
        if (refusal := _refusal(units, assigned, what)) is None:
            return assigned
        refusals.append(refusal)
    raise refusals[0]


def _deal(units: Sequence[Unit], counts: Callable[[int], tuple[int, int]], first: int = 0) -> dict[str, SplitName]:
    """Deal units class by class, the rarest first: what is left of a common one fills what its splits still lack
    (Sechidis, Tsoumakas and Vlahavas, "On the stratification of multi-label data", 2011).

    Args:
        units: with keys that differ.
        counts: of a class's units how many are for test, and how many for validation.
        first: which class is dealt first, counted from the rarest; those that are rarer come last.
    """
    holding: defaultdict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        for label in unit.labels:
            holding[label].append(unit)
    assigned: dict[str, SplitName] = {}

    def can_be_spared(unit: Unit, label: str) -> bool:
        """Whether each of its other classes could still be trained."""
        return all(
            any(one is not unit and assigned.get(one.key, "train") == "train" for one in holding[other])
            for other in unit.labels - {label}
        )

    by_rarity = sorted(holding, key=lambda name: (len(holding[name]), name))
    for label in by_rarity[first:] + by_rarity[:first]:
        there = Counter(assigned[unit.key] for unit in holding[label] if unit.key in assigned)
        tests, validations = counts(len(holding[label]))
        free = _dealt(unit for unit in holding[label] if unit.key not in assigned)
        free.sort(key=lambda unit: len(unit.labels))  # what has several classes is left for those that need it
        wanted: tuple[tuple[SplitName, int], ...] = (("test", tests), ("validation", validations))
        for split, wanting in wanted:
            for unit in free:
                if there[split] >= wanting:
                    break
                if unit.key not in assigned and can_be_spared(unit, label):
                    assigned[unit.key] = split
                    there[split] += 1
    return {unit.key: assigned.get(unit.key, "train") for unit in units}


def _dealt(units: Iterable[Unit]) -> list[Unit]:
    """The strata's units in turn, so that any first so many hold each stratum equally often."""
    ranked: list[tuple[int, str, Unit]] = []
    strata: defaultdict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        strata[unit.stratum].append(unit)
    for stratum, alike in strata.items():
        by_digest = sorted(alike, key=lambda unit: hashlib.sha256(unit.key.encode()).digest())
        ranked += [(rank, stratum, unit) for rank, unit in enumerate(by_digest)]
    return [unit for _, _, unit in sorted(ranked, key=lambda entry: entry[:2])]


def _count(share: float, units: int) -> int:
    return max(1, round(share * units)) if units >= len(SPLITS) else 0


def _refusal(units: Sequence[Unit], assigned: Mapping[str, SplitName], what: str) -> DatasetImpossible | None:
    """What to say where a class is missing in a split; None: none is."""
    for label in sorted({label for unit in units for label in unit.labels}):
        holding = [unit for unit in units if label in unit.labels]
        missing = set(SPLITS) - {assigned[unit.key] for unit in holding}
        if missing:
            lacking = ", ".join(split for split in SPLITS if split in missing)
            too_few = f"at least {len(SPLITS)} {what} of each class, or smaller shares, or kind 'time' for recordings"
            more = f"more {what} of each class, or other shares"
            if any(len(unit.labels) > 1 for unit in holding):
                more += f", or kind 'predefined': {what} have several classes, and not every way to deal them is tried"
            return DatasetImpossible(
                "/configuration/split",
                f"class {label} has {len(holding)} {what}: with these shares none is left for {lacking}",
                too_few if len(holding) < len(SPLITS) else more,
            )
    return None


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
