"""When a defect strikes and how hard: slip, jitter, load zone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from babbitt.contracts.simulations import RollingFault
from babbitt.signals.domain.rolling.machine import Machine

LOAD_EXPONENT = 1.5
"""Of point contact: Stribeck's distribution of the load over the balls (Harris, "Rolling Bearing Analysis")."""

GRAZING = 0.05
MEETING_SHARE = (0.1, 1.0)
MEETING_IMPACTS = (1.0, 30.0)

type Moments = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Impacts:
    """Blows in the order of their times: seconds from the record's beginning, and strength: [impacts] each."""

    times_s: Moments
    strengths: Moments


@dataclass(frozen=True, slots=True)
class Motion:
    """How a defect moves in one record.

    Attributes:
        slip: share by which it strikes more often than rolling without slip would have it.
        jitter: standard deviation of the time from one impact to the next, as a share of it. It adds up.
        scatter: standard deviation of the logarithm of an impact's strength.
    """

    slip: float
    jitter: float
    scatter: float


def impacts_of(fault: RollingFault, machine: Machine, motion: Motion, duration_s: float, rng: Generator) -> Impacts:
    """The impacts of one record; none where the bearing is healthy."""
    defect = _DEFECTS.get(fault)
    if defect is None:
        return Impacts(np.empty(0), np.empty(0))
    shaft_hz = machine.shaft_speed_hz
    period_s = 1 / (defect.order(machine) * shaft_hz * (1 + motion.slip))
    most = int(duration_s / period_s * (1 + 5 * motion.jitter)) + 10
    steps = period_s * (1 + motion.jitter * rng.standard_normal(most))
    steps[0] = period_s * rng.random()
    times_s = np.cumsum(steps)
    strengths = defect.strengths(machine, np.arange(most), 2 * np.pi * shaft_hz * times_s, rng)
    strengths *= np.exp(motion.scatter * rng.standard_normal(most))
    inside = (times_s >= 0) & (times_s < duration_s)
    return Impacts(times_s[inside], strengths[inside])


@dataclass(frozen=True, slots=True)
class _Defect:
    """`order`: impacts a turn of the shaft. `strengths`: of impacts by number, at these angles of the shaft."""

    order: Callable[[Machine], float]
    strengths: Callable[[Machine, NDArray[np.int64], Moments, Generator], Moments]


def _on_ring(ring: str) -> Callable[[Machine, NDArray[np.int64], Moments, Generator], Moments]:
    """A defect on the ring that turns goes through the load zone once a turn; on the other it stays where it is."""

    def strengths(machine: Machine, _: NDArray[np.int64], shaft_angles: Moments, rng: Generator) -> Moments:
        angles = shaft_angles + 2 * np.pi * rng.random()
        if machine.bearing.turning_ring == ring:
            return _load(machine, angles)
        return 1 + machine.unbalanced * np.cos(angles)

    return strengths


def _on_ball(machine: Machine, numbers: NDArray[np.int64], shaft_angles: Moments, rng: Generator) -> Moments:
    """It strikes one race and then the other, and goes through the load zone with the cage."""
    strikes = np.where((numbers + int(rng.integers(2))) % 2, 1.0, machine.inner_strike)
    strikes *= _load(machine, machine.orders.cage * shaft_angles + 2 * np.pi * rng.random())
    return strikes * _meeting(numbers.size, rng)


def _meeting(impacts: int, rng: Generator) -> Moments:
    """1 where the defect meets a race, 0 where the ball has turned it aside: stretches of random length."""
    share, stretch = rng.uniform(*MEETING_SHARE), np.exp(rng.uniform(*np.log(MEETING_IMPACTS)))
    lengths = rng.geometric(1 / stretch, size=impacts)
    met = rng.random(impacts) < share
    return np.repeat(np.where(met, 1.0, GRAZING), lengths)[:impacts]


def _load(machine: Machine, angles: Moments) -> Moments:
    """The load at an angle from the middle of the load zone, over that in its middle."""
    borne = np.clip(1 - (1 - np.cos(angles)) / (2 * machine.load_zone), 0, None) ** LOAD_EXPONENT
    return machine.unloaded + (1 - machine.unloaded) * borne


_DEFECTS: Mapping[str, _Defect] = {
    "outer_race": _Defect(lambda machine: machine.orders.outer_race, _on_ring("outer")),
    "inner_race": _Defect(lambda machine: machine.orders.inner_race, _on_ring("inner")),
    "ball": _Defect(lambda machine: 2 * machine.orders.ball, _on_ball),
}
