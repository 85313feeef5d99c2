"""What an import would read, without a gateway: each file is opened here as `signals` would open it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from babbitt.client.cli.recordings_source import SourceFile
from babbitt.contracts.mappings import ImportMapping
from babbitt.recordings.benchmark_layout import SAMPLING_RATE_HZ, groups_of
from babbitt.recordings.errors import RecordingError, RuleInvalid, VariableNotFound
from babbitt.recordings.readers.opening import open_file
from babbitt.recordings.readers.reader import RecordingReader
from babbitt.recordings.recordings import Recording, recording_of
from babbitt.recordings.rule_checks import rule_problems
from babbitt.recordings.rules import Named, named

UNKNOWN = "?"
MOST_VARIABLES = 20


class PreviewedFile(BaseModel):
    """A file, or a group of recordings in one, as it would be read.

    Attributes:
        rule: number of its rule, from 0.
        records: into which it would be cut; those that a split in time leaves out are counted.
        sampling_rate_hz: as recorded.
        duration_s: of the recording, or of each of many.
        remarks: what would be done to it.
        problem: why it cannot be read.
    """

    model_config = ConfigDict(frozen=True)

    file: str
    rule: int
    label: str | None = None
    group: str | None = None
    split: str | None = None
    channels: int | None = None
    sampling_rate_hz: float | None = None
    duration_s: float | None = None
    shaft_speed_hz: float | None = None
    records: int | None = None
    remarks: tuple[str, ...] = ()
    problem: str | None = None


@dataclass(slots=True)
class Preview:
    """What would be read of some files; complete once all of `files` have been taken.

    Attributes:
        problems: what is missing or wrong, and what a file holds for which that was found.
    """

    sources: Sequence[SourceFile]
    mapping: ImportMapping
    problems: dict[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    _asked: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])

    def files(self) -> Iterator[PreviewedFile]:
        """Each file in turn."""
        beforehand = tuple(rule_problems(self.mapping))
        self.problems = {str(problem): () for problem in beforehand}
        for source in self.sources:
            with source.on_disk() as path:
                yield from self._looked_at(path, source.name, beforehand)

    def _looked_at(self, path: Path, name: str, beforehand: Sequence[RuleInvalid]) -> Iterator[PreviewedFile]:
        try:
            told = named(self.mapping, name)
        except RuleInvalid as error:
            self.problems.setdefault(str(error), ())
            yield PreviewedFile(file=name, rule=error.rule, problem=error.detail)
            return
        try:
            with open_file(path, name, told.rule.text) as reader:
                for problem in beforehand:
                    if problem.rule == told.number:
                        self._ask(problem, reader, name)
                try:
                    yield from self._read(reader, told, name)
                except RuleInvalid as error:
                    self._ask(error, reader, name)
                    yield _by_name(told, name, error.detail)
        except VariableNotFound as error:
            if (told.number, "variable") not in self._asked:
                self._asked.add((told.number, "variable"))
                self.problems[f"rules[{told.number}] (pattern {told.rule.pattern!r}).variable: {error}"] = ()
            yield _by_name(told, name, str(error))
        except RecordingError as error:
            self.problems.setdefault(str(error), ())
            yield _by_name(told, name, str(error))

    def _ask(self, problem: RuleInvalid, reader: RecordingReader, name: str) -> None:
        """Of a rule's first file that lacks something, all that it holds is told: most often it is there."""
        if (problem.rule, problem.field) in self._asked:
            return
        self._asked.add((problem.rule, problem.field))
        held = [f"{one.name} ({one.holds}, {' x '.join(map(str, one.shape))})" for one in reader.variables()]
        more = [f"and {len(held) - MOST_VARIABLES} more"] if len(held) > MOST_VARIABLES else []
        self.problems[str(problem)] = [f"{name} holds {', '.join(held[:MOST_VARIABLES] + more)}"]

    def _read(self, reader: RecordingReader, told: Named, name: str) -> Iterator[PreviewedFile]:
        if told.rule.layout == "jbfd11":
            yield from self._benchmark(reader, told, name)
            return
        recording = recording_of(reader, replace(told, label=told.label or UNKNOWN), name, self.mapping)
        length = recording.samples.shape[1]
        duration_s = self.mapping.record_duration_s
        yield PreviewedFile(
            file=name,
            rule=told.number,
            label=recording.label,
            group=recording.group,
            split=told.split,
            channels=recording.samples.shape[0],
            sampling_rate_hz=recording.recorded_at_hz,
            duration_s=length / self.mapping.sampling_rate_hz,
            shaft_speed_hz=recording.shaft_speed_hz,
            records=_records(recording, round(duration_s * self.mapping.sampling_rate_hz) if duration_s else length),
            remarks=recording.remarks,
        )

    def _benchmark(self, reader: RecordingReader, told: Named, name: str) -> Iterator[PreviewedFile]:
        shapes = {variable.name: variable.shape for variable in reader.variables()}
        rate_hz = told.rule.sampling_rate_hz or SAMPLING_RATE_HZ
        for group in groups_of(reader, name):
            yield PreviewedFile(
                file=f"{name}#{group.name}",
                rule=told.number,
                split=group.place,
                channels=1,
                sampling_rate_hz=rate_hz,
                duration_s=shapes[f"{group.name}/signals"][1] / rate_hz,
                records=group.stop,
            )


def _records(recording: Recording, record_samples: int) -> int:
    starts = range(0, recording.samples.shape[1] - record_samples + 1, max(1, record_samples))
    return sum(
        not any(start < first + record_samples and first < stop for start, stop in recording.damaged)
        for first in starts
    )


def _by_name(told: Named, name: str, problem: str) -> PreviewedFile:
    return PreviewedFile(
        file=name,
        rule=told.number,
        label=told.label,
        group=told.group,
        split=told.split,
        shaft_speed_hz=told.shaft_speed_hz,
        problem=problem,
    )
