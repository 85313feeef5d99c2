"""How many records would come of a recording, and why none."""

import numpy as np

from babbitt.contracts.datasets import MAX_SHARD_BYTES
from babbitt.contracts.mappings import SHORTEST_RECORD_SAMPLES, ImportMapping
from babbitt.recordings.recordings import Recording

_LONGEST_RECORD_SAMPLES = MAX_SHARD_BYTES // np.dtype(np.float32).itemsize


def record_samples(mapping: ImportMapping, length: int) -> int:
    """Samples of a record of a recording of so many."""
    duration_s = mapping.record_duration_s
    return round(duration_s * mapping.sampling_rate_hz) if duration_s else length


def records_of(recording: Recording, samples: int) -> int:
    """How many records of so many samples would be cut; those that a split in time leaves out are counted."""
    starts = range(0, recording.samples.shape[1] - samples + 1, max(1, samples))
    return sum(
        not any(start < first + samples and first < stop for start, stop in recording.damaged) for first in starts
    )


def why_none(name: str, records: int, length: int, samples: int, channels: int) -> str | None:
    """Why `signals` would make no dataset of a recording, or of a group of them; None: it would.

    Args:
        name: of the recording or the group.
        records: that would come of it.
        length: samples of the recording.
        samples: of a record.
        channels: of either.
    """
    longest = _LONGEST_RECORD_SAMPLES // channels
    if not SHORTEST_RECORD_SAMPLES <= samples <= longest:
        accepted = f"{SHORTEST_RECORD_SAMPLES} to {longest} make one"
        return f"{name}: a record of {samples} samples; {accepted}: change record_duration_s, or leave the file out"
    if length < samples:
        return f"{name}: {length} samples; one record takes {samples}: shorten record_duration_s"
    if records == 0:
        return f"{name}: no record without missing samples, or none at all: shorten record_duration_s"
    return None
