"""A recording: one acquisition, one file, with what its mapping says of it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.dataspec import same_rate
from babbitt.contracts.mappings import ImportMapping, MappingRule
from babbitt.recordings.errors import RateTooLow, RecordingUnreadable
from babbitt.recordings.mapping import rule_for
from babbitt.recordings.matlab import MatlabFile
from babbitt.recordings.resampling import resample
from babbitt.recordings.samples import read_samples

RPM_PER_HZ = 60.0


@dataclass(frozen=True, slots=True)
class Recording:
    """What one file holds.

    Attributes:
        name: the file's.
        label: its class.
        group: what may not straddle a split; the file's name where the mapping says nothing.
        sampling_rate_hz: of `samples`: the mapping's.
        shaft_speed_hz: revolutions a second, where known.
        samples: [channels, samples], float32, finite.
        resampled_from_hz: the rate of the file, where it was another.
    """

    name: str
    label: str
    group: str
    sampling_rate_hz: float
    shaft_speed_hz: float | None
    samples: NDArray[np.float32]
    resampled_from_hz: float | None


def read_recording(source: Path | bytes, name: str, mapping: ImportMapping) -> Recording:
    """The recording in a file (or in its bytes), by the first rule of `mapping` that matches `name`.

    Raises:
        NoRuleMatches: no rule is for this file.
        RecordingUnreadable: the file is not what its rule says.
        RateTooLow: recorded below the mapping's rate.
    """
    rule = rule_for(mapping, name)
    content = source.read_bytes() if isinstance(source, Path) else source
    if rule.label is None or rule.sampling_rate_hz is None:
        raise RecordingUnreadable(f"{name}: its rule has no label or no sampling_rate_hz")
    recorded = read_samples(content, name, rule.variables[0])
    try:
        samples = resample(recorded[np.newaxis], rule.sampling_rate_hz, mapping.sampling_rate_hz)
    except RateTooLow as error:
        raise RateTooLow(f"{name}: {error}") from error
    if not np.isfinite(samples).all():
        raise RecordingUnreadable(f"{name}: values beyond the range of float32")
    same = same_rate(rule.sampling_rate_hz, mapping.sampling_rate_hz)
    return Recording(
        name=name,
        label=rule.label,
        group=group_of(rule, name),
        sampling_rate_hz=mapping.sampling_rate_hz,
        shaft_speed_hz=_shaft_speed_hz(rule, content, name),
        samples=samples,
        resampled_from_hz=None if same else rule.sampling_rate_hz,
    )


def group_of(rule: MappingRule, name: str) -> str:
    """What the recording may not straddle a split with: the rule's group, else the file itself."""
    return rule.group or name


def _shaft_speed_hz(rule: MappingRule, content: bytes, name: str) -> float | None:
    """As measured, where the file says so; else the rule's."""
    if rule.shaft_speed_rpm_variable is None or not name.lower().endswith(".mat"):
        return rule.shaft_speed_hz
    file = MatlabFile(content, name)
    if not file.names(rule.shaft_speed_rpm_variable):
        return rule.shaft_speed_hz
    speeds = file.vector(rule.shaft_speed_rpm_variable)
    if speeds.size != 1 or not (np.isfinite(speeds[0]) and speeds[0] > 0):
        wanted = f"variable '{rule.shaft_speed_rpm_variable}'"
        raise RecordingUnreadable(f"{name}: {wanted} is no speed: one number above 0, in revolutions a minute, is read")
    return float(speeds[0]) / RPM_PER_HZ
