"""Which records share samples though they should not: identical ones, and those whose fingerprints meet."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.quality import Leakage, SharedSamples
from babbitt.contracts.splits import SPLITS
from babbitt.signals.domain.records import MadeRecord, MadeShard, PlacedRecord
from babbitt.signals.domain.runs import RUN_SAMPLES, Hashes
from babbitt.signals.errors import GateFailed

PAIRS_COMPARED = 64
"""Pairs that look alike whose samples are compared, those with the most in common first."""

NEIGHBOURS = 8

PAIRS_TOLD = 20
"""Pairs that a report names."""

_NUMBERS = {split: number for number, split in enumerate(SPLITS)}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that share samples, or look as if they did."""

    one: PlacedRecord
    other: PlacedRecord

    @property
    def across(self) -> bool:
        """Whether a model could be tested on what it was trained on."""
        return self.one.split != self.other.split

    def told(self, shared: str) -> SharedSamples:
        """As the report has it."""
        both = self.one, self.other
        return SharedSamples(
            records=(both[0].made.record, both[1].made.record),
            places=(both[0].place, both[1].place),
            labels=(both[0].made.label, both[1].made.label),
            shared=shared,
        )


def identical_pairs(records: Sequence[PlacedRecord]) -> tuple[Pair, ...]:
    """Records that are identical, by the digests of their samples: each with the first one like it in its split, and
    the first of each split with that of the splits before.

    Raises:
        GateFailed: identical records have different labels, naming two of them.
    """
    first: dict[str, dict[str, PlacedRecord]] = {}
    pairs: list[Pair] = []
    for placed in records:
        alike = first.setdefault(placed.made.blake3, {})
        for known in alike.values():
            if known.made.label != placed.made.label:
                raise GateFailed(f"labels: {described(known)} and {described(placed)} are identical")
        if placed.split in alike:
            pairs.append(Pair(alike[placed.split], placed))
        else:
            pairs += [Pair(known, placed) for known in alike.values()]
            alike[placed.split] = placed
    return tuple(pairs)


def look_alikes(records: Sequence[PlacedRecord], hashes: Sequence[Hashes]) -> tuple[Pair, ...]:
    """Pairs of records that have a fingerprint in common and are not identical; each pair once.

    Pairs of different splits first, and of these the ones with the most in common. Where more than `NEIGHBOURS` records
    have a fingerprint in common, each is paired with so many next to it, by split: where two splits meet is a pair.

    Args:
        records: all of a dataset.
        hashes: the fingerprints of each, in the same order.
    """
    owners = np.repeat(np.arange(len(records)), [owned.size for owned in hashes])
    splits = np.array([_NUMBERS[placed.split] for placed in records], dtype=np.intp)
    flat = np.concatenate([*hashes, np.empty(0, dtype=np.uint64)])
    order = np.lexsort((splits[owners], flat))
    flat, owners = flat[order], owners[order]
    codes: list[NDArray[np.intp]] = []
    for step in range(1, NEIGHBOURS + 1):
        met = np.flatnonzero(flat[step:] == flat[:-step])
        codes.append(owners[met] * len(records) + owners[met + step])
    met, common = np.unique(np.concatenate(codes), return_counts=True)
    found: list[tuple[bool, int, Pair]] = []
    for code, count in zip(met.tolist(), common.tolist(), strict=True):
        pair = Pair(records[code // len(records)], records[code % len(records)])
        if _independent(pair):
            found.append((not pair.across, -count, pair))
    return tuple(pair for _, _, pair in sorted(found, key=lambda entry: entry[:2]))


def rows_around(shard: MadeShard, row: int) -> range:
    """Rows before and after one that go on with its recording, as far as a run that it has a share in may reach."""
    records = shard.records
    first = last = row
    before = after = 0
    while first and before < RUN_SAMPLES and _go_on(records[first - 1], records[row]):
        first -= 1
        before += records[first].samples
    while last + 1 < len(records) and after < 2 * RUN_SAMPLES and _go_on(records[last + 1], records[row]):
        last += 1
        after += records[last].samples
    return range(first, last + 1)


def not_looked_at(records: Sequence[PlacedRecord], hashes: Sequence[Hashes]) -> int:
    """How many recordings have no fingerprint: too short for a run, or they hardly turn."""
    found: defaultdict[str, bool] = defaultdict(bool)
    for placed, own in zip(records, hashes, strict=True):
        found[placed.made.recording] |= own.size > 0
    return sum(not has_some for has_some in found.values())


def refuse_leakage(leakage: Leakage) -> None:
    """Say no to a dataset whose splits share samples, unless it was accepted.

    Raises:
        GateFailed: naming the first two records.
    """
    if leakage.outcome != "leaking":
        return
    for pair in leakage.across:
        how = "are identical" if pair.shared == "record" else "share a run of samples, up to gain and offset"
        one, other = (f"record {name} ({place})" for name, place in zip(pair.records, pair.places, strict=True))
        raise GateFailed(f"leakage: {one} and {other} {how}")
    raise GateFailed(
        f"leakage: {leakage.not_compared} more pairs of records of different splits look alike than the "
        f"{leakage.compared} that were compared: give accepted_leakage, the reason why they may"
    )


def described(placed: PlacedRecord) -> str:
    """A record, its place and its class."""
    return f"record {placed.made.record} ({placed.place}, {placed.made.label})"


def _go_on(one: MadeRecord, other: MadeRecord) -> bool:
    return (one.recording, one.place) == (other.recording, other.place)


def _independent(pair: Pair) -> bool:
    """Not identical (that is known already), nor one of them a noisy copy: it lies with what it is a copy of."""
    return pair.one.made.blake3 != pair.other.made.blake3 and (
        pair.across or (pair.one.place in SPLITS and pair.other.place in SPLITS)
    )
