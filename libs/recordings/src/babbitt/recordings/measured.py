"""Single values that a file holds beside its samples: rates and shaft speeds."""

from dataclasses import dataclass

import numpy as np

from babbitt.contracts.mappings import MappingRule
from babbitt.recordings.errors import RecordingUnreadable, RuleInvalid, VariableNotFound
from babbitt.recordings.readers.reader import RecordingReader
from babbitt.recordings.rules import MAX_SHAFT_SPEED_HZ, RPM_PER_HZ, Named

NOTABLE_VARIATION = 0.02
"""A speed that varies by more, from its 5th to its 95th percentile, is remarked on: orders smear by as much."""


@dataclass(frozen=True, slots=True)
class ShaftSpeed:
    """The speed of one recording in revolutions a second; None: nobody says it. `remark`: what to know of it."""

    hz: float | None
    remark: str | None = None


def sampling_rate_hz(reader: RecordingReader, told: Named, name: str) -> float:
    """Samples a second as recorded: as the rule says, or a variable, or the file itself.

    Raises:
        RuleInvalid: none of them does.
        RecordingUnreadable: the variable holds no rate.
    """
    if told.rule.sampling_rate_hz is not None:
        return told.rule.sampling_rate_hz
    if variable := told.rule.sampling_rate_variable:
        rates = reader.vector(variable)
        if rates.size == 0 or not np.isfinite(rates[0]) or rates[0] <= 0 or (rates != rates[0]).any():
            raise RecordingUnreadable(f"{name}: {variable} is no sampling rate: one number above 0, in hertz, is read")
        return float(rates[0])
    if reader.sampling_rate_hz is None:
        raise RuleInvalid(
            told.number,
            told.rule.pattern,
            "sampling_rate_hz",
            f"{name} ({reader.format}) does not say its rate",
            "a rate in hertz, or sampling_rate_variable where the file holds it",
        )
    return reader.sampling_rate_hz


def shaft_speed(reader: RecordingReader, told: Named, name: str) -> ShaftSpeed:
    """As measured, where the file holds it (the mean of a recording of it); else as the rule or the name says.

    Raises:
        RecordingUnreadable: the variable holds no speed.
    """
    variable, per_hz = _variable(told.rule)
    if variable is None:
        return ShaftSpeed(told.shaft_speed_hz)
    try:
        recorded = reader.vector(variable) / per_hz
    except VariableNotFound as error:
        known = "unknown" if told.shaft_speed_hz is None else f"{told.shaft_speed_hz:g} Hz, as its rule says"
        return ShaftSpeed(told.shaft_speed_hz, f"{error}; its shaft speed is {known}")
    recorded = recorded[~np.isnan(recorded)]
    mean = float(recorded.mean()) if recorded.size else 0.0
    if not 0 < mean <= MAX_SHAFT_SPEED_HZ:
        unit = "revolutions a minute" if per_hz == RPM_PER_HZ else "revolutions a second"
        raise RecordingUnreadable(f"{name}: {variable} is no shaft speed: numbers above 0, in {unit}, are read")
    low, high = np.percentile(recorded, [5, 95])
    variation = float(high - low) / mean
    remark = f"{name}: its shaft speed varies by {variation:.1%} around {mean:.4g} Hz"
    return ShaftSpeed(mean, remark if variation > NOTABLE_VARIATION else None)


def _variable(rule: MappingRule) -> tuple[str | None, float]:
    if rule.shaft_speed_rpm_variable:
        return rule.shaft_speed_rpm_variable, RPM_PER_HZ
    return rule.shaft_speed_hz_variable, 1.0
