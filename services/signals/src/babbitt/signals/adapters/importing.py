"""Records cut from the recordings of a file. Runs in the worker's thread."""

from collections.abc import Iterator, Sequence
from itertools import batched
from pathlib import Path

from babbitt.contracts.datasets import MAX_SHARD_SAMPLES
from babbitt.contracts.mappings import ImportMapping, RecordingFile
from babbitt.recordings.benchmark_layout import read_benchmark
from babbitt.recordings.cutting import Cut, undamaged
from babbitt.recordings.recordings import Recording, read_recording
from babbitt.recordings.rules import named
from babbitt.signals.domain.gates import check_samples
from babbitt.signals.domain.importing.parts import part_of
from babbitt.signals.domain.importing.plan import ImportedPlan
from babbitt.signals.domain.records import Waveform
from babbitt.signals.domain.runs import RUN_SAMPLES, Hashes, fingerprints_by_record
from babbitt.signals.domain.shards import PlannedShard
from babbitt.signals.errors import MakingFailed

BLOCK_SAMPLES = 1_000_000
"""Of a channel that are fingerprinted at once: what this takes in memory does not grow with the recording."""


class RecordingReading:
    """Reads recordings. One that several shards share is kept up to the last of them: reading it takes seconds."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[RecordingFile, ImportMapping], Recording] | None = None

    def __call__(self, path: Path, file: RecordingFile, mapping: ImportMapping, *, last: bool) -> Recording:
        """The recording in a file, for the last of its shards or for another; raises as `read_recording`."""
        if self._kept is None or self._kept[0] != (file, mapping):
            self._kept = None  # its memory goes before another one takes as much
            self._kept = (file, mapping), read_recording(path, file.name, mapping)
        recording = self._kept[1]
        if last:
            self._kept = None
        return recording


class Importing:
    """One shard's records out of a file.

    Args:
        plan: of the dataset.
        shard: which file, and which part of it.
        path: where the file lies.
        reading: reads recordings.
        remarks: where it is told what was done to its recordings.
    """

    def __init__(
        self, plan: ImportedPlan, shard: PlannedShard, path: Path, reading: RecordingReading, remarks: list[str]
    ) -> None:
        self._plan = plan
        self._shard = shard
        self._path = path
        self._reading = reading
        self._file: RecordingFile = plan.files[shard.first]
        self._remarks = remarks

    def __iter__(self) -> Iterator[Waveform]:
        """The records, in order.

        Raises:
            RecordingError: the file is not what the mapping says, or no records can be cut from it.
            MakingFailed: the file is too long for its shards.
        """
        values = 0
        for recording, part, parts in self._recordings():
            for waveform in self._cut(recording, part, parts):
                values += waveform.samples.size
                if values > MAX_SHARD_SAMPLES:
                    raise MakingFailed(
                        f"{self._file.name}: one of its {self._shard.parts} shards takes more than {MAX_SHARD_SAMPLES} "
                        "samples: divide the file"
                    )
                yield waveform

    def _recordings(self) -> Iterator[tuple[Recording, int, int]]:
        """Recordings, and which part of each is this shard's."""
        name, mapping, part, parts = self._file.name, self._plan.source.mapping, self._shard.part, self._shard.parts
        if named(mapping, name).rule.layout == "jbfd11":
            for recording in read_benchmark(self._path, name, mapping, part=part, parts=parts):
                yield recording, 0, 1
        else:
            yield self._reading(self._path, self._file, mapping, last=part + 1 == parts), part, parts

    def _cut(self, recording: Recording, part: int, parts: int) -> Iterator[Waveform]:
        plan, name = self._plan, recording.name
        cuts = plan.cut(name, recording.samples.shape[1])
        kept = undamaged(cuts, recording.damaged, name=name)
        if part == 0:
            self._remarks += recording.remarks
            if dropped := len(cuts) - len(kept):
                self._remarks.append(f"{name}: {dropped} of {len(cuts)} records left out: samples are missing in them")
        alone = plan.record_samples is None
        share = part_of(list(enumerate(kept)), part, parts)
        for (number, cut), hashes in zip(share, _fingerprints(recording, [cut for _, cut in share]), strict=True):
            record = name if alone else f"{name}#{number:05d}"
            samples = recording.samples[:, cut.start : cut.stop]
            check_samples(record, samples, cut.stop - cut.start)
            yield Waveform(
                record=record,
                recording=name,
                label=recording.label,
                group=recording.group,
                samples=samples,
                shaft_speed_hz=recording.shaft_speed_hz,
                place=cut.split or recording.place,
                severity=recording.severity,
                bearing=plan.bearing_of(self._file.name),
                recorded_at_hz=recording.recorded_at_hz,
                fingerprints=hashes,
            )


def _fingerprints(recording: Recording, cuts: Sequence[Cut]) -> Iterator[Hashes]:
    """Of the recording and not of each record: records may be shorter than the runs that are looked for.

    It is read in blocks, each with as much before and after it as a run may reach: every run lies in one of them whole.
    """
    longest = max((cut.stop - cut.start for cut in cuts), default=1)
    for block in batched(cuts, max(1, BLOCK_SAMPLES // longest)):
        start = max(0, block[0].start - RUN_SAMPLES)
        read = recording.samples[:, start : block[-1].stop + RUN_SAMPLES]
        yield from fingerprints_by_record(read, [(cut.start - start, cut.stop - start) for cut in block])
