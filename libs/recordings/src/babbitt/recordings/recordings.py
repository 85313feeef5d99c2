"""A recording: one acquisition, with what its file and its mapping say of it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.dataspec import same_rate
from babbitt.contracts.mappings import ImportMapping
from babbitt.contracts.splits import Place
from babbitt.recordings.errors import RateTooLow, RecordingUnreadable, RuleInvalid
from babbitt.recordings.gaps import Gap, close_gaps
from babbitt.recordings.measured import sampling_rate_hz, shaft_speed
from babbitt.recordings.readers.opening import open_file
from babbitt.recordings.readers.reader import RecordingReader
from babbitt.recordings.resampling import REACH_SAMPLES, ratio_of, resample
from babbitt.recordings.rules import Named, named
from babbitt.recordings.units import accepted_for, factor

MAX_VALUES = 64 * 1024 * 1024
"""Of all channels of one recording; half a gigabyte while it is read."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One acquisition.

    Attributes:
        name: the file's; of a file with many, with what tells them apart.
        label: its class.
        group: what may not straddle a split; the recording's name where nobody says it.
        samples: [channels, samples], float32, finite, at the mapping's rate and in the channels' units.
        recorded_at_hz: the rate of the file.
        shaft_speed_hz: revolutions a second, where known.
        place: its split, or the noisy copy of the test split that it is in, where it is told.
        severity: how far its fault has gone, where it is told.
        damaged: stretches of samples, from start up to stop, that no record may touch.
        remarks: what was done to it, a sentence each.
    """

    name: str
    label: str
    group: str
    samples: NDArray[np.float32]
    recorded_at_hz: float
    shaft_speed_hz: float | None
    place: Place | None = None
    severity: str | None = None
    damaged: tuple[tuple[int, int], ...] = ()
    remarks: tuple[str, ...] = ()


def read_recording(path: Path, name: str, mapping: ImportMapping) -> Recording:
    """The recording that a file is, by the first rule of `mapping` that matches `name`.

    Raises:
        NoRuleMatches: no rule is for this file.
        RuleInvalid: its rule lacks something that the file does not say.
        RecordingUnreadable: the file is not what its rule says.
        RateTooLow: recorded below the mapping's rate.
    """
    told = named(mapping, name)
    with open_file(path, name, told.rule.text) as reader:
        return recording_of(reader, told, name, mapping)


def recording_of(reader: RecordingReader, told: Named, name: str, mapping: ImportMapping) -> Recording:
    """The recording that an open file is; raises as `read_recording`."""
    if told.label is None:
        raise RuleInvalid(told.number, told.rule.pattern, "label", "missing", "a class name")
    rate_hz = sampling_rate_hz(reader, told, name)
    recorded = _in_units(_channels(reader, told, name), told, mapping)
    gaps = close_gaps(recorded, rate_hz, mapping, name)
    speed = shaft_speed(reader, told, name)
    try:
        samples = resample(recorded, rate_hz, mapping.sampling_rate_hz)
    except RateTooLow as error:
        raise RateTooLow(f"{name}: {error}") from error
    if not np.isfinite(samples).all():
        raise RecordingUnreadable(f"{name}: values beyond the range of float32")
    remarks = (resampling_remark(name, rate_hz, mapping), _filled(name, gaps, rate_hz, mapping), speed.remark)
    return Recording(
        name=name,
        label=told.label,
        group=told.group,
        samples=samples,
        recorded_at_hz=rate_hz,
        shaft_speed_hz=speed.hz,
        place=told.split,
        damaged=_damaged(gaps, rate_hz, mapping),
        remarks=tuple(remark for remark in remarks if remark),
    )


def _channels(reader: RecordingReader, told: Named, name: str) -> NDArray[np.float64]:
    """[channels, samples] as the file has them."""
    variables = told.rule.variables
    first = reader.vector(variables[0])
    if first.size == 0:
        raise RecordingUnreadable(f"{name}: {variables[0]} holds no samples")
    if first.size * len(variables) > MAX_VALUES:
        raise RecordingUnreadable(
            f"{name}: {len(variables)} channels of {first.size} samples; at most {MAX_VALUES} samples in all are read: "
            "divide the recording"
        )
    if len(variables) == 1:
        return np.require(first, requirements="W")[np.newaxis]  # a copy may be half a gigabyte
    recorded = np.empty((len(variables), first.size))
    recorded[0] = first
    for row, variable in enumerate(variables[1:], start=1):
        samples = reader.vector(variable)
        if samples.size != first.size:
            raise RecordingUnreadable(
                f"{name}: {variables[0]} holds {first.size} samples, {variable} {samples.size}; the channels of a "
                "recording are equally long"
            )
        recorded[row] = samples
    return recorded


def _in_units(recorded: NDArray[np.float64], told: Named, mapping: ImportMapping) -> NDArray[np.float64]:
    for row, channel in enumerate(mapping.channels):
        by = factor(told.rule.unit or channel.unit, channel.unit)
        if by is None:
            detail = f"{told.rule.unit} cannot be turned into {channel.unit}, the unit of channel {channel.name}"
            raise RuleInvalid(told.number, told.rule.pattern, "unit", detail, accepted_for(channel.unit))
        if by != 1:
            recorded[row] *= by
    return recorded


def resampling_remark(name: str, rate_hz: float, mapping: ImportMapping) -> str | None:
    """What to know of a file whose rate is not the mapping's."""
    return None if same_rate(rate_hz, mapping.sampling_rate_hz) else f"{name}: resampled from {rate_hz:g} Hz"


def _filled(name: str, gaps: tuple[Gap, ...], rate_hz: float, mapping: ImportMapping) -> str | None:
    if not gaps or mapping.gap_policy == "cut":
        return None
    samples, longest = sum(gap.samples for gap in gaps), max(gap.samples for gap in gaps)
    return f"{name}: {len(gaps)} gaps filled by straight lines: {samples} samples, at most {longest / rate_hz:.3g} s"


def _damaged(gaps: tuple[Gap, ...], rate_hz: float, mapping: ImportMapping) -> tuple[tuple[int, int], ...]:
    """What a straight line has a share in, after resampling."""
    if mapping.gap_policy != "cut":
        return ()
    ratio = ratio_of(rate_hz, mapping.sampling_rate_hz)
    reach = 0 if ratio == 1 else REACH_SAMPLES
    return tuple((max(0, int(gap.start * ratio) - reach), int(gap.stop * ratio) + 1 + reach) for gap in gaps)
