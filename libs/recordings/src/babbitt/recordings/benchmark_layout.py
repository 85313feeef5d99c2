"""The benchmark JBFD-11 as one HDF5 file: many recordings, each with its class, its severity and its split.

Groups `train`, `val`, `test` and noisy copies of the test records such as `test_snr20`. Each has `signals`
[n, samples], `labels` [n] (numbers of the classes, or their names), and perhaps `severities` [n] (numbers from 0, or
names) and `metadata` [n] (JSON objects). The attribute `class_names`, or what is called so beside the groups, names the
classes where they are others than the benchmark's. It is read by rows: a file of any size takes little memory.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.mappings import ImportMapping
from babbitt.contracts.simulations import JOURNAL_FAULTS, SEVERITIES
from babbitt.contracts.splits import SPLITS
from babbitt.recordings.errors import RateTooLow, RecordingUnreadable, VariableNotFound
from babbitt.recordings.readers.opening import open_file
from babbitt.recordings.readers.reader import RecordingReader, Variable
from babbitt.recordings.recordings import Recording, resampling_remark
from babbitt.recordings.resampling import resample
from babbitt.recordings.rules import MAX_SHAFT_SPEED_HZ, RPM_PER_HZ, is_class_name, named

SAMPLING_RATE_HZ = 20_480.0
"""Of the benchmark, where the mapping's rule says nothing else."""

_LAYOUT = "the layout jbfd11 (groups train, val, test, test_snr20, ... with signals and labels)"
_HELD = {"signals", "labels", "severities", "metadata"}
_SPLITS = {"train": "train", "val": "validation", "validation": "validation", "test": "test"}
_NOISY = re.compile(r"test_snr-?[0-9]{1,2}")
_SPEEDS = {"shaft_speed_hz": 1.0, "speed_hz": 1.0, "shaft_speed_rpm": RPM_PER_HZ, "speed_rpm": RPM_PER_HZ}
"""Where the metadata of a record say its shaft speed, and how many of that unit make a hertz."""
_TWO_AXES = 2
_ROWS_AT_ONCE = 32
_MAX_TOLD, _MAX_NAMES_TOLD = 80, 300


@dataclass(frozen=True, slots=True)
class Group:
    """Some rows of a group of the file: from `start` up to `stop`. `holds`: what it has beside its signals."""

    name: str
    start: int
    stop: int
    holds: Mapping[str, str]

    @property
    def place(self) -> str:
        """The split of its records, or the noisy copy of the test split."""
        return _SPLITS.get(self.name, self.name)


def read_benchmark(
    path: Path, name: str, mapping: ImportMapping, *, part: int = 0, parts: int = 1
) -> Iterator[Recording]:
    """The recordings of one part of the file: its share of all rows, in order.

    Raises:
        NoRuleMatches: no rule is for this file.
        RecordingUnreadable: the file is not of this layout.
        RateTooLow: the mapping asks for a higher rate.
    """
    with open_file(path, name) as reader:
        yield from benchmark_recordings(reader, name, mapping, part=part, parts=parts)


def benchmark_recordings(
    reader: RecordingReader, name: str, mapping: ImportMapping, *, part: int = 0, parts: int = 1
) -> Iterator[Recording]:
    """The same of an open file; raises as `read_benchmark`."""
    rate_hz = named(mapping, name).rule.sampling_rate_hz or SAMPLING_RATE_HZ
    remark = resampling_remark(name, rate_hz, mapping)
    classes = _class_names(reader, name)
    groups = groups_of(reader, name)
    rows = sum(group.stop for group in groups)
    first, stop = rows * part // parts, rows * (part + 1) // parts
    remarks = (remark,) if remark and first == 0 else ()  # once a file, with its first row
    for group in _share(groups, first, stop):
        for recording in _recordings(reader, group, classes, rate_hz, name):
            yield replace(_resampled(recording, mapping.sampling_rate_hz), remarks=remarks)
            remarks = ()


def groups_of(reader: RecordingReader, name: str) -> Sequence[Group]:
    """The groups of the file with all of their rows: training first, noisy copies last.

    Raises:
        RecordingUnreadable: there are none, others, or they hold other things.
    """
    held: dict[str, dict[str, Variable]] = {}
    for variable in reader.variables():
        group, _, what = variable.name.rpartition("/")
        if what in _HELD:
            held.setdefault(group, {})[what] = variable
    groups = [_group(group, variables, name) for group, variables in held.items()]
    if not groups:
        raise RecordingUnreadable(f"{name}: holds no group with signals and labels; {_LAYOUT} is read")
    order = {place: number for number, place in enumerate(SPLITS)}
    return sorted(groups, key=lambda group: (order.get(group.place, len(order)), group.name))


def check_told(reader: RecordingReader, groups: Sequence[Group], name: str) -> None:
    """Let a file pass whose labels, severities and metadata are what is read, of all rows of its groups.

    Raises:
        RecordingUnreadable: one is not.
    """
    classes = _class_names(reader, name)
    for group in groups:
        _named_values(reader, group, "labels", classes, name)
        _named_values(reader, group, "severities", SEVERITIES, name)
        _speeds_hz(reader, group, name)


def _group(group: str, variables: Mapping[str, Variable], name: str) -> Group:
    if group not in _SPLITS and not _NOISY.fullmatch(group):
        raise RecordingUnreadable(f"{name}: group {group[:_MAX_TOLD]!r}; {_LAYOUT} is read")
    if missing := {"signals", "labels"} - set(variables):
        raise RecordingUnreadable(f"{name}: group {group} has no {' and no '.join(sorted(missing))}")
    signals = variables["signals"].shape
    others = {variable.shape for what, variable in variables.items() if what != "signals"}
    if len(signals) != _TWO_AXES or others != {signals[:1]}:
        shapes = ", ".join(f"{what} {variable.shape}" for what, variable in sorted(variables.items()))
        raise RecordingUnreadable(f"{name}: group {group} has {shapes}; signals [n, samples], all others [n] are read")
    return Group(group, 0, signals[0], {what: variable.holds for what, variable in variables.items()})


def _share(groups: Sequence[Group], first: int, stop: int) -> Iterator[Group]:
    """What lies from row `first` up to row `stop` of all groups, one after another."""
    for group in groups:
        start, end = max(first, 0), min(stop, group.stop)
        if start < end:
            yield replace(group, start=start, stop=end)
        first, stop = first - group.stop, stop - group.stop


def _recordings(
    reader: RecordingReader, group: Group, classes: Sequence[str], rate_hz: float, name: str
) -> Iterator[Recording]:
    labels = _named_values(reader, group, "labels", classes, name)
    severities = _named_values(reader, group, "severities", SEVERITIES, name)
    speeds_hz = _speeds_hz(reader, group, name)
    original, _, copy = group.name.partition("_")
    for offset, (row, samples) in enumerate(_signals(reader, group, name)):
        record = f"{name}#{_SPLITS.get(original, original)}-{row:05d}"
        yield Recording(
            name=f"{record}@{copy}" if copy else record,
            label=labels[offset] or "",
            group=record,
            samples=samples.astype(np.float32),
            recorded_at_hz=rate_hz,
            shaft_speed_hz=speeds_hz[offset],
            place=group.place,
            severity=severities[offset],
        )


def _signals(reader: RecordingReader, group: Group, name: str) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """The number of each row, and its samples: [1, samples]."""
    for start in range(group.start, group.stop, _ROWS_AT_ONCE):
        signals = reader.rows(f"{group.name}/signals", start, min(start + _ROWS_AT_ONCE, group.stop))
        if not np.isfinite(signals).all():
            raise RecordingUnreadable(f"{name}: group {group.name} holds samples that are no finite numbers")
        yield from ((start + number, samples[np.newaxis]) for number, samples in enumerate(signals))


def _resampled(recording: Recording, rate_hz: float) -> Recording:
    try:
        samples = resample(recording.samples, recording.recorded_at_hz, rate_hz)
    except RateTooLow as error:
        raise RateTooLow(f"{recording.name}: {error}") from error
    return replace(recording, samples=samples)


def _class_names(reader: RecordingReader, name: str) -> Sequence[str]:
    """As the file has them in the order of its labels, as an attribute or beside the groups; else the benchmark's."""
    for variable in ("@class_names", "class_names"):
        try:
            names = reader.texts(variable)
        except VariableNotFound:
            continue
        if wrong := [named for named in names if not is_class_name(named)]:
            accepted = "small letters, digits, - and _, at most 63 of them, are read"
            raise RecordingUnreadable(f"{name}: {variable} holds {wrong[0][:_MAX_TOLD]!r}; {accepted}")
        return names
    return JOURNAL_FAULTS


def _named_values(
    reader: RecordingReader, group: Group, what: str, names: Sequence[str], name: str
) -> Sequence[str | None]:
    """Names, or numbers of names from 0; None where the file has none of them."""
    if what not in group.holds:
        return [None] * (group.stop - group.start)
    variable = f"{group.name}/{what}"
    if group.holds[what] == "text":
        values: Sequence[object] = reader.texts(variable, group.start, group.stop)
    else:
        values = reader.vector(variable)[group.start : group.stop].tolist()
    known: dict[object, str] = {**dict(enumerate(names)), **{named: named for named in names}}
    for value in values:
        if value not in known:
            accepted = f"one of {', '.join(names)[:_MAX_NAMES_TOLD]}, or their numbers from 0"
            raise RecordingUnreadable(f"{name}: {variable} holds {repr(value)[:_MAX_TOLD]}; {accepted} is read")
    return [known[value] for value in values]


def _speeds_hz(reader: RecordingReader, group: Group, name: str) -> Sequence[float | None]:
    if group.holds.get("metadata") != "text":
        return [None] * (group.stop - group.start)
    variable = f"{group.name}/metadata"
    try:
        records = [json.loads(text) for text in reader.texts(variable, group.start, group.stop)]
    except (ValueError, RecursionError) as error:
        raise RecordingUnreadable(f"{name}: {variable} is no JSON: {error}") from error
    return [_speed_hz(metadata, f"{name}: {variable}") for metadata in records]


def _speed_hz(metadata: object, where: str) -> float | None:
    told = cast("dict[str, object]", metadata) if isinstance(metadata, dict) else {}
    for field, per_hz in _SPEEDS.items():
        if (value := told.get(field)) is None:
            continue
        most = MAX_SHAFT_SPEED_HZ * per_hz
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
            accepted = f"numbers above 0, up to {most:g}, are read"
            raise RecordingUnreadable(f"{where} holds {field} {repr(value)[:_MAX_TOLD]}; {accepted}")
        return value / per_hz
    return None
