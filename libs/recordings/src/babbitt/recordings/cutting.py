"""How a recording becomes records: end to end, none overlapping, none with a share in a gap."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from babbitt.contracts.datasets import MAX_RECORDS, MAX_SHARD_SAMPLES
from babbitt.contracts.mappings import SHORTEST_RECORD_SAMPLES, ImportMapping
from babbitt.contracts.splits import SplitName, SplitSpec
from babbitt.recordings.errors import CutImpossible


@dataclass(frozen=True, slots=True)
class Cut:
    """One record of a recording: from `start` up to `stop`, and its split where the place in time decides it."""

    start: int
    stop: int
    split: SplitName | None = None


def record_samples(mapping: ImportMapping) -> int | None:
    """Samples of a record; None: a recording is one record."""
    duration_s = mapping.record_duration_s
    return None if duration_s is None else round(duration_s * mapping.sampling_rate_hz)


def samples_accepted(mapping: ImportMapping) -> range:
    """How many samples a record may have: one of all channels fits into a shard."""
    return range(SHORTEST_RECORD_SAMPLES, MAX_SHARD_SAMPLES // len(mapping.channels) + 1)


def cut(name: str, samples: int, mapping: ImportMapping, in_time: SplitSpec | None = None) -> list[Cut]:
    """The records of a recording.

    Args:
        name: of the recording, for messages.
        samples: of the recording, at the mapping's rate.
        mapping: says how long a record is.
        in_time: the shares, where the recording is divided between the splits.

    Raises:
        CutImpossible: the recording is too short, a record too long, or there are too many.
    """
    told, accepted = record_samples(mapping), samples_accepted(mapping)
    length = samples if told is None else told
    if length not in accepted:
        raise CutImpossible(
            f"{name}: a record of {length} samples; {accepted[0]} to {accepted[-1]} make one: "
            f"{'give' if told is None else 'change'} record_duration_s, or leave the file out"
        )
    if samples // length > MAX_RECORDS:
        raise CutImpossible(f"{name}: over {MAX_RECORDS} records of {length} samples: lengthen record_duration_s")
    if in_time is None:
        return cut_whole(samples, length, name=name)
    return cut_in_time(samples, length, validation=in_time.validation, test=in_time.test, name=name)


def cut_whole(samples: int, record_samples: int, *, name: str) -> list[Cut]:
    """All records of a recording; what is left at its end is not used.

    Raises:
        CutImpossible: the recording is shorter than one record.
    """
    cuts = [Cut(start, start + record_samples) for start in _starts(0, samples, record_samples)]
    if not cuts:
        raise CutImpossible(f"{name}: {samples} samples; one record takes {record_samples}: shorten record_duration_s")
    return cuts


def cut_in_time(samples: int, record_samples: int, *, validation: float, test: float, name: str) -> list[Cut]:
    """Training first, validation next, the last share for test; before validation and test a gap of one record.

    Args:
        samples: of the recording.
        record_samples: of one record.
        validation: share of the recording for validation, its gap included.
        test: share at the end.
        name: of the recording, for messages.

    Raises:
        CutImpossible: a part is too short for one record.
    """
    validation_start, test_start = ceil(samples * (1 - validation - test)), ceil(samples * (1 - test))
    parts: tuple[tuple[SplitName, int, int], ...] = (
        ("train", 0, validation_start - record_samples),
        ("validation", validation_start, test_start - record_samples),
        ("test", test_start, samples),
    )
    cuts: list[Cut] = []
    for split, start, stop in parts:
        records = [Cut(first, first + record_samples, split) for first in _starts(start, stop, record_samples)]
        if not records:
            raise CutImpossible(
                f"{name}: {samples} samples; its part for {split} has no room for a record of {record_samples} beside "
                "the gap: shorten record_duration_s or change the shares"
            )
        cuts += records
    return cuts


def undamaged(cuts: Sequence[Cut], damaged: Sequence[tuple[int, int]], *, name: str) -> list[Cut]:
    """The records that touch none of the stretches in which samples were missing.

    Args:
        cuts: records of a recording, in order.
        damaged: stretches, each from its start up to its stop, in any order.
        name: of the recording, for messages.

    Raises:
        CutImpossible: every record touches one.
    """
    gap_starts, gap_stops = np.array(damaged, dtype=np.int64).reshape(-1, 2).T
    touched_from = np.searchsorted([cut.stop for cut in cuts], gap_starts, side="right")
    touched_to = np.searchsorted([cut.start for cut in cuts], gap_stops)
    changes = np.bincount(touched_from, minlength=len(cuts) + 1) - np.bincount(touched_to, minlength=len(cuts) + 1)
    kept = [cut for cut, gaps in zip(cuts, changes.cumsum().tolist(), strict=False) if not gaps]
    if not kept:
        raise CutImpossible(
            f"{name}: samples are missing in each of its {len(cuts)} records: shorten record_duration_s"
        )
    return kept


def _starts(start: int, stop: int, record_samples: int) -> Iterator[int]:
    return iter(range(start, stop - record_samples + 1, record_samples))
