"""Gates: a dataset that does not pass them fails instead of misleading whoever trains on it."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.splits import SPLITS, SplitName, split_of
from babbitt.signals.domain.records import PlacedRecord
from babbitt.signals.errors import GateFailed


def check_samples(record: str, samples: NDArray[np.float32], expected: int) -> None:
    """Length and finite values of one record: [channels, samples].

    Raises:
        GateFailed: naming the record.
    """
    if samples.shape[1] != expected:
        raise GateFailed(f"length: record {record} has {samples.shape[1]} samples instead of {expected}")
    flat = samples.reshape(-1)
    # One number that is not finite makes the sum of squares so, too: a tenth of the time of looking at each.
    if not (np.isfinite(np.vdot(flat, flat)) or np.isfinite(flat).all()):
        raise GateFailed(f"finite: record {record} holds NaN or infinity")


def check_balance(records: Sequence[PlacedRecord], *, exact: bool, complete: Sequence[SplitName] = SPLITS) -> None:
    """Every class in every split; where `exact`, as often as every other, in noisy copies too, and its levels alike.

    Args:
        records: all of a dataset.
        exact: whether all classes have as many records in each split. No two levels of severity of a class then differ
            by more than one record there, so where its records can be dealt evenly they are.
        complete: the splits that may miss no class; the others hold at least one record.

    Raises:
        GateFailed: naming class and split.
    """
    if exact:
        _check_levels(records)
    counts = count_by_place(records)
    labels = sorted({placed.made.label for placed in records})
    for place, held in counts.items():
        here = {label: held.get(label, 0) for label in labels}
        if not held:
            raise GateFailed(f"balance: split {place} has no record")
        missing = [label for label, count in here.items() if count == 0]
        if missing and split_of(place) in complete:
            raise GateFailed(f"balance: split {place} has no record of {', '.join(missing)}")
        if exact and len(set(here.values())) > 1:
            raise GateFailed(f"balance: split {place} has unequal classes: {here}")


def _check_levels(records: Sequence[PlacedRecord]) -> None:
    held = Counter((placed.place, placed.made.label, placed.made.severity) for placed in records)
    levels: defaultdict[str, set[str | None]] = defaultdict(set)
    for placed in records:
        levels[placed.made.label].add(placed.made.severity)
    for place, label in sorted({(place, label) for place, label, _ in held}):
        here = {str(level): held[place, label, level] for level in sorted(levels[label], key=str)}
        if max(here.values()) - min(here.values()) > 1:
            raise GateFailed(f"balance: split {place} has unequal levels of {label}: {here}")


def count_by_place(records: Sequence[PlacedRecord]) -> dict[str, dict[str, int]]:
    """Records by place and class: the three splits, then the noisy copies of the test split."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for placed in records:
        counts[placed.place][placed.made.label] += 1
    places = [*SPLITS, *(place for place in counts if place not in SPLITS)]
    return {place: dict(sorted(counts[place].items())) for place in places}
