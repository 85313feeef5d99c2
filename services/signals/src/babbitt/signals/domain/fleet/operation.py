"""How a machine runs over the day: load, speed, temperature.

Each is a mean and a few harmonics of the day, so that heat, which follows the load late, is the same sum with each
harmonic damped and delayed. The ranges are those of the benchmark: what was trained on it knows no others. Profiles
whose machines turn at other speeds take the speed as a place within their own range, for the same reason.
"""

from dataclasses import dataclass
from math import atan, cos, hypot, pi
from typing import Self

from numpy.random import Generator

from babbitt.signals.domain.journal.operating_conditions import (
    LOAD_RANGE_PERCENT,
    SPEED_RATIO_RANGE,
    TEMPERATURE_RANGE_C,
)

DAY_S = 86_400.0
MEAN_LOAD_PERCENT = (45.0, 85.0)
LOAD_SWINGS_PERCENT = (15.0, 8.0, 5.0)
"""At most so much once, twice and three times a day."""
SPEED_SWING = 0.03
DROOP = 0.04
"""Speed lost from no load to full load: the slip of an induction motor."""
HEAT_LAG_S = 3_600.0
AMBIENT_C = (25.0, 35.0)
AMBIENT_SWING_C = 5.0
RISE_AT_FULL_LOAD_C = (20.0, 40.0)


@dataclass(frozen=True, slots=True)
class DayCurve:
    """mean + the sum over h of amplitude cos(2 pi h t / day - phase)."""

    mean: float
    harmonics: tuple[tuple[float, float], ...]

    @classmethod
    def draw(cls, rng: Generator, mean: tuple[float, float], swings: tuple[float, ...]) -> Self:
        """A curve whose harmonics swing at most so far."""
        return cls(
            float(rng.uniform(*mean)),
            tuple((float(swing * rng.random()), float(2 * pi * rng.random())) for swing in swings),
        )

    def at(self, time_of_day_s: float, lag_s: float = 0.0) -> float:
        """Its value; with a lag, what a body of that time constant makes of it."""
        value = self.mean
        for number, (amplitude, phase) in enumerate(self.harmonics, start=1):
            turn = 2 * pi * number / DAY_S
            value += amplitude / hypot(1, turn * lag_s) * cos(turn * time_of_day_s - phase - atan(turn * lag_s))
        return value


@dataclass(frozen=True, slots=True)
class Operation:
    """How a machine runs at one moment; `speed_ratio` is over its nominal speed."""

    speed_ratio: float
    load_percent: float
    temperature_c: float


@dataclass(frozen=True, slots=True)
class OperationProfile:
    """How one machine runs over every day."""

    load_percent: DayCurve
    speed_ratio: DayCurve
    ambient_c: DayCurve
    rise_c: float

    @classmethod
    def draw(cls, rng: Generator) -> Self:
        """The profile of a machine at random."""
        return cls(
            load_percent=DayCurve.draw(rng, MEAN_LOAD_PERCENT, LOAD_SWINGS_PERCENT),
            speed_ratio=DayCurve.draw(rng, (1.0, 1.05), (SPEED_SWING,)),
            ambient_c=DayCurve.draw(rng, AMBIENT_C, (AMBIENT_SWING_C,)),
            rise_c=float(rng.uniform(*RISE_AT_FULL_LOAD_C)),
        )

    def at(self, time_of_day_s: float) -> Operation:
        """How it runs at a time of the day, within the ranges."""
        load_percent = _within(LOAD_RANGE_PERCENT, self.load_percent.at(time_of_day_s))
        warming_percent = _within(LOAD_RANGE_PERCENT, self.load_percent.at(time_of_day_s, HEAT_LAG_S))
        return Operation(
            speed_ratio=_within(SPEED_RATIO_RANGE, self.speed_ratio.at(time_of_day_s) - DROOP * load_percent / 100),
            load_percent=load_percent,
            temperature_c=_within(
                TEMPERATURE_RANGE_C, self.ambient_c.at(time_of_day_s) + self.rise_c * warming_percent / 100
            ),
        )


def _within(bounds: tuple[float, float], value: float) -> float:
    return min(max(value, bounds[0]), bounds[1])
