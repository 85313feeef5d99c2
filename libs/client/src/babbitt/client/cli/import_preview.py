"""What an import would read, without a gateway: each file is opened here as `signals` would open it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from babbitt.client.cli.import_split import told_by_names, wrong_with
from babbitt.client.cli.recordings_source import SourceFile
from babbitt.contracts.mappings import ImportMapping
from babbitt.contracts.splits import SplitSpec
from babbitt.recordings.benchmark_layout import SAMPLING_RATE_HZ, benchmark_recordings, check_told, groups_of
from babbitt.recordings.cutting import cut, undamaged
from babbitt.recordings.errors import CutImpossible, RecordingError, RuleInvalid, VariableNotFound
from babbitt.recordings.readers.opening import open_file
from babbitt.recordings.readers.reader import RecordingReader
from babbitt.recordings.recordings import recording_of
from babbitt.recordings.resampling import ratio_of
from babbitt.recordings.rule_checks import rule_problems
from babbitt.recordings.rules import Named, named

UNKNOWN = "?"
MOST_VARIABLES = 20


class PreviewedFile(BaseModel):
    """A file, or a group of recordings in one, as it would be read.

    Attributes:
        rule: number of its rule, from 0.
        records: into which it would be cut; one whose class has a single group, as if it were not divided in time.
        sampling_rate_hz: as recorded.
        duration_s: of the recording, or of each of many.
        remarks: what would be done to it.
        problem: why it cannot be imported.
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
    split: SplitSpec
    in_series: bool
    problems: dict[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    _asked: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])

    def files(self) -> Iterator[PreviewedFile]:
        """Each file in turn."""
        beforehand = tuple(rule_problems(self.mapping))
        self.problems = {str(problem): () for problem in beforehand}
        if not beforehand:
            told = told_by_names(self.sources, self.mapping)
            wrong = wrong_with(self.split, told, self.mapping, in_series=self.in_series)
            self.problems |= dict.fromkeys(wrong, ())
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
        channels, length = recording.samples.shape
        records, problem = self._records(name, length, recording.damaged)
        yield PreviewedFile(
            file=name,
            rule=told.number,
            label=recording.label,
            group=recording.group,
            split=told.split,
            channels=channels,
            sampling_rate_hz=recording.recorded_at_hz,
            duration_s=length / self.mapping.sampling_rate_hz,
            shaft_speed_hz=recording.shaft_speed_hz,
            records=records,
            remarks=recording.remarks,
            problem=problem,
        )

    def _benchmark(self, reader: RecordingReader, told: Named, name: str) -> Iterator[PreviewedFile]:
        shapes = {variable.name: variable.shape for variable in reader.variables()}
        rate_hz = told.rule.sampling_rate_hz or SAMPLING_RATE_HZ
        groups = groups_of(reader, name)
        check_told(reader, groups, name)
        next(benchmark_recordings(reader, name, self.mapping), None)  # whether its rate is high enough
        for group in groups:
            row_samples = shapes[f"{group.name}/signals"][1]
            length = ceil(row_samples * ratio_of(rate_hz, self.mapping.sampling_rate_hz))
            records, problem = self._records(f"{name}#{group.name}", length)
            yield PreviewedFile(
                file=f"{name}#{group.name}",
                rule=told.number,
                split=group.place,
                channels=1,
                sampling_rate_hz=rate_hz,
                duration_s=row_samples / rate_hz,
                records=group.stop * records,
                problem=problem,
            )

    def _records(self, name: str, length: int, damaged: Sequence[tuple[int, int]] = ()) -> tuple[int, str | None]:
        """How many records would be cut from so many samples; why none."""
        in_time = self.split if self.split.kind == "time" else None
        try:
            return len(undamaged(cut(name, length, self.mapping, in_time), damaged, name=name)), None
        except CutImpossible as error:
            self.problems.setdefault(str(error), ())
            return 0, str(error)


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
