"""Records cut from a recording. Runs in the worker's thread."""

from collections.abc import Iterator

from babbitt.recordings.recordings import read_recording
from babbitt.signals.domain.gates import check_samples
from babbitt.signals.domain.importing.plan import ImportedPlan
from babbitt.signals.domain.records import Waveform
from babbitt.signals.domain.shards import MAX_SHARD_SAMPLES
from babbitt.signals.errors import MakingFailed


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
