"""Imported datasets: files, and the mapping that says what they are."""

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from babbitt.contracts.dataspec import BearingGeometry, Channel, Direction, Quantity, Unit
from babbitt.contracts.envelope import RequestPart
from babbitt.contracts.names import ClassName, Sha256, Text
from babbitt.contracts.splits import SplitName

MAX_FILES = 10_000
"""Of one dataset."""
SHORTEST_RECORD_SAMPLES = 64
MAX_COMPARISONS = 2_000_000
"""Of names with patterns, where each file is looked at by each rule: some five seconds."""
MAX_CHARACTERS_COMPARED = 5_000_000_000
"""Of all names, times those of all patterns: the worst patterns take a nanosecond each, some five seconds too."""
_PART = r"[^/\\\x00-\x1f\x7f]+"


def _without_tricks(name: str) -> str:
    if {".", ".."} & set(name.split("/")):
        raise ValueError("a path without the parts '.' and '..' is accepted")
    return name


type RecordingName = Annotated[
    str, Field(min_length=1, max_length=500, pattern=rf"^{_PART}(/{_PART})*$"), AfterValidator(_without_tricks)
]
"""A file's path below the folder that is imported, with `/` between its parts."""


class RecordingFile(RequestPart):
    """An uploaded recording: the name that the mapping's patterns see, and its digest."""

    name: RecordingName
    sha256: Sha256


class MappedChannel(Channel, frozen=True, extra="forbid"):
    """A channel as a request tells it."""

    quantity: Quantity = "acceleration"
    unit: Unit = "g"
    direction: Direction | None = None


class MappedBearing(BearingGeometry, frozen=True, extra="forbid"):
    """A bearing as a request tells it."""

    turning_ring: Literal["inner", "outer"] = "inner"


class TextFormat(RequestPart):
    """How numbers stand in a CSV or TSV file; what is left out is found out.

    Attributes:
        delimiter: between two columns.
        decimal: mark of the decimals.
        heading: whether the first line names the columns.
        skip_lines: lines before the heading or the first number.
    """

    delimiter: Annotated[str, Field(pattern=r"^[^\x00-\x08\x0a-\x1f\x7f]$")] | None = None
    decimal: Literal[".", ","] | None = None
    heading: bool | None = None
    skip_lines: Annotated[int, Field(ge=0, le=10_000)] = 0


class MappingRule(RequestPart):
    """What the recordings whose name matches `pattern` are. A variable is where a file holds something: see the README
    of `libs/recordings` for how it is named in each format.

    Attributes:
        pattern: shell-style pattern of the last parts of a file's path, as many as it has; the first rule that matches
            counts. `{label}`, `{group}`, `{split}`, `{shaft_speed_hz}` and `{shaft_speed_rpm}` stand for a part of the
            name and say what it means; `{group:KA*}` also says what it looks like.
        layout: `recording`: a file is one recording; `jbfd11`: an HDF5 file of the benchmark, which says the rest.
        label: class of the recording.
        variable: what holds the samples; one for each channel of the mapping.
        sampling_rate_hz: as recorded; else `sampling_rate_variable`, or the file itself says it (WAV).
        shaft_speed_hz: revolutions a second, where known.
        shaft_speed_rpm_variable, shaft_speed_hz_variable: what holds the speed, a number or a recording of it.
        unit: of the samples in the file, where it is not the channel's.
        group: what may not straddle a split: a bearing, a machine. Absent: the file's name.
        split: where the split is predefined.
        bearing: geometry of the bearing, where it is not the mapping's.
        text: of CSV and TSV files.
    """

    pattern: Text
    layout: Literal["recording", "jbfd11"] = "recording"
    label: ClassName | None = None
    variable: Text | Annotated[tuple[Text, ...], Field(min_length=1, max_length=64)] = "*"
    sampling_rate_hz: Annotated[float, Field(gt=0, le=10_000_000)] | None = None
    sampling_rate_variable: Text | None = None
    shaft_speed_hz: Annotated[float, Field(gt=0, le=10_000)] | None = None
    shaft_speed_rpm_variable: Text | None = None
    shaft_speed_hz_variable: Text | None = None
    unit: Unit | None = None
    group: Text | None = None
    split: SplitName | None = None
    bearing: MappedBearing | None = None
    text: TextFormat | None = None

    @property
    def variables(self) -> tuple[str, ...]:
        """What holds the samples, one for each channel."""
        return (self.variable,) if isinstance(self.variable, str) else self.variable


class ImportMapping(RequestPart):
    """How recordings become records.

    Attributes:
        rules: one a kind of file.
        sampling_rate_hz: the rate of the dataset; recordings at a higher rate are resampled, lower ones refused.
        record_duration_s: recordings are cut into records of this length; absent: each is one record, whatever its
            length.
        channels: what the samples are.
        bearing: geometry of the bearing, where it is one for all.
        gap_policy: what is done with missing samples (NaN, empty cells): `refuse` the file, `interpolate` gaps up to
            `longest_gap_s`, or `cut` the records away that a gap touches.
        longest_gap_s: what is interpolated at most.
    """

    rules: Annotated[tuple[MappingRule, ...], Field(min_length=1, max_length=1000)]
    sampling_rate_hz: Annotated[float, Field(gt=0, le=10_000_000)]
    record_duration_s: Annotated[float, Field(gt=0, le=600)] | None = None
    channels: Annotated[tuple[MappedChannel, ...], Field(min_length=1, max_length=64)] = (MappedChannel(),)
    bearing: MappedBearing | None = None
    gap_policy: Literal["refuse", "interpolate", "cut"] = "refuse"
    longest_gap_s: Annotated[float, Field(gt=0, le=1)] = 0.005

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len({channel.name for channel in self.channels}) != len(self.channels):
            raise ValueError("channels: names must differ")
        for number, rule in enumerate(self.rules):
            if rule.layout == "recording" and len(rule.variables) != len(self.channels):
                raise ValueError(
                    f"rules[{number}].variable: {len(rule.variables)} for {len(self.channels)} channels: one for each"
                )
        return self


class ImportedSource(RequestPart):
    """Recordings that lie in the object store under `gateway/uploads/<sha256>`."""

    kind: Literal["imported"] = "imported"
    importer: Literal[1] = 1
    files: Annotated[tuple[RecordingFile, ...], Field(min_length=1, max_length=MAX_FILES)]
    mapping: ImportMapping

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        if len({file.name for file in self.files}) != len(self.files):
            raise ValueError("files: names must differ")
        return self

    @model_validator(mode="after")
    def _soon_planned(self) -> Self:
        if too_many := too_many_comparisons([file.name for file in self.files], self.mapping):
            raise ValueError(f"files: {too_many}")
        return self


def too_many_comparisons(names: Sequence[str], mapping: ImportMapping) -> str | None:
    """What is wrong with so many files, by their names, for the rules of a mapping; None: nothing."""
    files, rules = len(names), len(mapping.rules)
    if files * rules > MAX_COMPARISONS:
        return f"{files} by {rules} rules; at most {MAX_COMPARISONS} comparisons of a name with a pattern are made"
    characters, theirs = sum(map(len, names)), sum(len(rule.pattern) for rule in mapping.rules)
    if characters * theirs > MAX_CHARACTERS_COMPARED:
        compared = f"{files} names of {characters} characters by {rules} patterns of {theirs}"
        return f"{compared}; the product may be {MAX_CHARACTERS_COMPARED} at most: fewer files, or shorter patterns"
    return None
