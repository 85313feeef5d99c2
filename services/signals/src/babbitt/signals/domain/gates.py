"""Gates: a dataset that does not pass them fails instead of misleading whoever trains on it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.splits import SPLITS
from babbitt.signals.domain.records import PlacedRecord
from babbitt.signals.domain.runs import Hashes
from babbitt.signals.errors import GateFailed

_NUMBERS = {split: number for number, split in enumerate(SPLITS)}


def check_samples(record: str, samples: NDArray[np.float32], expected: int) -> None:
    """Length and finite values of one record: [channels, samples].

    Raises:
        GateFailed: naming the record.
    """
    if samples.shape[1] != expected:
        raise GateFailed(f"length: record {record} has {samples.shape[1]} samples instead of {expected}")
    if not np.isfinite(samples).all():
        raise GateFailed(f"finite: record {record} holds NaN or infinity")


def check_identical(records: Sequence[PlacedRecord]) -> None:
    """No record in two splits or two classes, by the digest of its samples.

    Raises:
        GateFailed: naming two records.
    """
    first: dict[str, PlacedRecord] = {}
    for placed in records:
        known = first.setdefault(placed.made.sha256, placed)
        if (known.split, known.made.label) != (placed.split, placed.made.label):
            raise GateFailed(f"leakage: {_described(known)} and {_described(placed)} are identical")


def _described(placed: PlacedRecord) -> str:
    return f"record {placed.made.record} ({placed.place}, {placed.made.label})"


def suspicious_pairs(
    records: Sequence[PlacedRecord], hashes: Sequence[Hashes]
) -> Iterator[tuple[PlacedRecord, PlacedRecord]]:
    """Pairs of records of different splits that have a fingerprint in common: each pair once.

    Args:
        records: all of a dataset.
        hashes: the fingerprints of each, in the same order.
    """
    owners = np.repeat(np.arange(len(records)), [owned.size for owned in hashes])
    splits = np.array([_NUMBERS[placed.split] for placed in records])
    flat = np.concatenate([*hashes, np.empty(0, dtype=np.uint64)])
    # Equal fingerprints come to lie side by side, and within them the splits: a change of split is a pair.
    order = np.lexsort((splits[owners], flat))
    flat, owners = flat[order], owners[order]
    beside = np.flatnonzero((flat[1:] == flat[:-1]) & (splits[owners[1:]] != splits[owners[:-1]]))
    for one, other in sorted({(int(owners[at]), int(owners[at + 1])) for at in beside}):
        yield records[one], records[other]


def check_balance(records: Sequence[PlacedRecord], *, exact: bool) -> None:
    """Every class in every split; where `exact`, as often as every other, in noisy copies too.

    Raises:
        GateFailed: naming class and split.
    """
    counts = count_by_place(records)
    labels = sorted({placed.made.label for placed in records})
    for place, held in counts.items():
        here = {label: held.get(label, 0) for label in labels}
        if missing := [label for label, count in here.items() if count == 0]:
            raise GateFailed(f"balance: split {place} has no record of {', '.join(missing)}")
        if exact and len(set(here.values())) > 1:
            raise GateFailed(f"balance: split {place} has unequal classes: {here}")


def count_by_place(records: Sequence[PlacedRecord]) -> dict[str, dict[str, int]]:
    """Records by place and class: the three splits, then the noisy copies of the test split."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for placed in records:
        counts[placed.place][placed.made.label] += 1
    places = [*SPLITS, *(place for place in counts if place not in SPLITS)]
    return {place: dict(sorted(counts[place].items())) for place in places}
