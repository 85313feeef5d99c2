"""How far a fault has gone: a level for each record, and how it grows within one."""

from enum import Enum

import numpy as np
from numpy.random import Generator

from babbitt.signals.domain.time_base import Samples, TimeBase

GROWTH_PROBABILITY = 0.30
GROWTH = 0.3


class SeverityLevel(Enum):
    """A level and the range its factor is drawn from."""

    INCIPIENT = (0.20, 0.45)
    MILD = (0.45, 0.70)
    MODERATE = (0.70, 0.90)
    SEVERE = (0.90, 1.00)


LEVELS = tuple(SeverityLevel)


def level_of(index: int) -> SeverityLevel:
    """The level of the `index`-th record of a class: all in turn. Healthy records have one too, for equal strata."""
    return LEVELS[index % len(LEVELS)]


def severity_curve(rng: Generator, level: SeverityLevel, time: TimeBase) -> Samples:
    """The factor s(t), in (0, 1]: [samples], or [1] where it is constant."""
    start = float(rng.uniform(*level.value))
    if rng.random() >= GROWTH_PROBABILITY:
        return np.array([start])
    return np.linspace(start, min(1.0, start + GROWTH), time.samples)
