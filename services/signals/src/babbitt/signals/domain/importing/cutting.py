"""Records out of a recording: end to end, none overlapping, with a gap between training and test."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from babbitt.contracts.splits import SplitName
from babbitt.signals.errors import MakingFailed


@dataclass(frozen=True, slots=True)
class Cut:
    """One record of a recording: from `start` up to `stop`, and its split where the place in time decides it."""

    start: int
    stop: int
    split: SplitName | None = None


def cut_whole(samples: int, record_samples: int, *, name: str) -> list[Cut]:
    """All records of a recording; what is left at its end is not used.

    Raises:
        MakingFailed: the recording is shorter than one record.
    """
    cuts = [Cut(start, start + record_samples) for start in _starts(0, samples, record_samples)]
    if not cuts:
        raise MakingFailed(f"{name}: {samples} samples; one record takes {record_samples}: shorten record_duration_s")
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
        MakingFailed: a part is too short for one record.
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
            raise MakingFailed(
                f"{name}: {samples} samples; its part for {split} has no room for a record of {record_samples} beside "
                "the gap: shorten record_duration_s or change the shares"
            )
        cuts += records
    return cuts


def undamaged(cuts: Sequence[Cut], damaged: Sequence[tuple[int, int]], *, name: str) -> list[Cut]:
    """The records that touch none of the stretches in which samples were missing.

    Args:
        cuts: records of a recording.
        damaged: stretches, each from its start up to its stop.
        name: of the recording, for messages.

    Raises:
        MakingFailed: every record touches one.
    """
    starts, stops = np.array(damaged, dtype=np.int64).reshape(-1, 2).T
    kept = [cut for cut in cuts if not ((starts < cut.stop) & (cut.start < stops)).any()]
    if not kept:
        raise MakingFailed(f"{name}: samples are missing in each of its {len(cuts)} records: shorten record_duration_s")
    return kept


def part_of[T](sequence: Sequence[T], part: int, parts: int) -> Sequence[T]:
    """The share of one part of `parts`: all parts together are the sequence, in order."""
    return sequence[len(sequence) * part // parts : len(sequence) * (part + 1) // parts]


def _starts(start: int, stop: int, record_samples: int) -> Iterator[int]:
    return iter(range(start, stop - record_samples + 1, record_samples))
