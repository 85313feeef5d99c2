"""Writes a shard file. Runs in the worker's thread."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from time import monotonic

from babbitt.recordings.shards import ShardWriter
from babbitt.signals.domain.gates import check_samples
from babbitt.signals.domain.journal.plan import JournalPlan
from babbitt.signals.domain.quality.measured import ShardQuality
from babbitt.signals.domain.quality.measuring import Measuring
from babbitt.signals.domain.records import MadeRecord, Waveform
from babbitt.signals.domain.rolling.plan import RollingPlan
from babbitt.signals.domain.runs import NO_HASHES, Hashes
from babbitt.signals.domain.shards import PlannedShard
from babbitt.signals.errors import MakingFailed

WRITTEN_WITHIN_S = 240.0
"""Less than a whole shard may take: so that the thread ends before anybody gives it up."""


def simulated(plan: JournalPlan | RollingPlan, planned: PlannedShard) -> Iterator[Waveform]:
    """The records of a shard from the simulator."""
    for waveform in plan.waveforms(planned):
        check_samples(waveform.record, waveform.samples, plan.time.samples)
        yield waveform


def in_time(waveforms: Iterable[Waveform], within_s: float = WRITTEN_WITHIN_S) -> Iterator[Waveform]:
    """The same, as long as they do not take too long.

    Raises:
        MakingFailed: they do.
    """
    ends = monotonic() + within_s
    for waveform in waveforms:
        if monotonic() > ends:
            raise MakingFailed(f"a shard took over {within_s:g} s to write; it came as far as {waveform.record}")
        yield waveform


def write_shard(
    path: Path,
    sampling_rate_hz: float,
    waveforms: Iterator[Waveform],
    *,
    channels: int = 1,
    values: int | None = None,
) -> tuple[tuple[MadeRecord, ...], tuple[Hashes, ...], ShardQuality]:
    """Write the file; its records, their fingerprints, and what was measured of them.

    Args:
        path: the file.
        sampling_rate_hz: of all records.
        waveforms: the records.
        channels: of all records.
        values: how many numbers they have together, where that is known beforehand.
    """
    records: list[MadeRecord] = []
    hashes: list[Hashes] = []
    measuring = Measuring(sampling_rate_hz, channels)
    with ShardWriter(path, sampling_rate_hz=sampling_rate_hz, channels=channels, values=values) as shard:
        for row, waveform in enumerate(waveforms):
            digest = shard.add(
                waveform.record, waveform.label, waveform.samples, waveform.shaft_speed_hz, waveform.conditions
            )
            hashes.append(NO_HASHES if waveform.fingerprints is None else waveform.fingerprints)
            measuring.add(waveform)
            records.append(MadeRecord.of(waveform, row, digest))
    return tuple(records), tuple(hashes), measuring.result()
