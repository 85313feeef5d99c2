"""Writes a shard file: records from the simulator, or cut from a recording. Runs in the worker's thread."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.datasets import SplitName
from babbitt.recordings.recordings import read_recording
from babbitt.recordings.shards import ShardWriter
from babbitt.signals.domain.gates import check_samples
from babbitt.signals.domain.imported import ImportedPlan
from babbitt.signals.domain.records import MadeRecord
from babbitt.signals.domain.runs import Hashes, fingerprints
from babbitt.signals.domain.shards import MAX_SHARD_SAMPLES, PlannedShard
from babbitt.signals.domain.simulated import SimulatedPlan
from babbitt.signals.errors import MakingFailed

type Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Waveform:
    """A record before it is written; `samples` is [channels, samples]. The rest is as in `MadeRecord`."""

    record: str
    recording: str
    label: str
    group: str
    samples: Samples
    shaft_speed_hz: float | None
    split: SplitName | None = None


def simulated(plan: SimulatedPlan, planned: PlannedShard) -> Iterator[Waveform]:
    """The records of a shard from the simulator."""
    for number in plan.numbers(planned):
        made = plan.make(number)
        name = plan.name_of(number)
        check_samples(name, made.samples, plan.time.samples)
        yield Waveform(name, name, plan.label_of(number), name, made.samples, made.conditions.shaft_speed_hz)


def imported(plan: ImportedPlan, name: str, content: bytes) -> Iterator[Waveform]:
    """The records of one recording.

    Raises:
        RecordingError: the file is not what the mapping says.
        MakingFailed: it is too short or too long.
    """
    recording = read_recording(content, name, plan.source.mapping)
    length = recording.samples.shape[1]
    if length > MAX_SHARD_SAMPLES:
        raise MakingFailed(f"{name}: {length} samples; at most {MAX_SHARD_SAMPLES} a file: divide the recording")
    for number, cut in enumerate(plan.cut(name, length)):
        samples = recording.samples[:, cut.start : cut.start + plan.record_samples]
        record = f"{name}#{number:05d}"
        check_samples(record, samples, plan.record_samples)
        yield Waveform(record, name, recording.label, recording.group, samples, recording.shaft_speed_hz, cut.split)


def write_shard(
    path: Path, sampling_rate_hz: float, waveforms: Iterator[Waveform]
) -> tuple[tuple[MadeRecord, ...], tuple[Hashes, ...]]:
    """Write the file; its records and their fingerprints."""
    records: list[MadeRecord] = []
    hashes: list[Hashes] = []
    with ShardWriter(path, sampling_rate_hz=sampling_rate_hz) as shard:
        for row, waveform in enumerate(waveforms):
            sha256 = shard.add(waveform.record, waveform.label, waveform.samples, waveform.shaft_speed_hz)
            hashes.append(fingerprints(waveform.samples))
            records.append(
                MadeRecord(
                    record=waveform.record,
                    recording=waveform.recording,
                    label=waveform.label,
                    group=waveform.group,
                    row=row,
                    samples=waveform.samples.shape[1],
                    shaft_speed_hz=waveform.shaft_speed_hz,
                    sha256=sha256,
                    split=waveform.split,
                )
            )
    return tuple(records), tuple(hashes)
