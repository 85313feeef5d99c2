"""Envelopes of records in which the machine did not run steadily."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from babbitt.signals.domain.time_base import Samples, TimeBase

TRANSIENT_PROBABILITY = 0.25

type Transient = Callable[[TimeBase], Samples]
"""Makes the factor m(t): [samples]."""


def draw_transient(rng: Generator) -> Transient | None:
    """What happens during a record; None: nothing, m(t) is 1."""
    if rng.random() >= TRANSIENT_PROBABILITY:
        return None
    return TRANSIENTS[int(rng.integers(len(TRANSIENTS)))]


def speed_ramp(time: TimeBase) -> Samples:
    """From 0.85 to 1.15 over [0.2, 0.6) of the record, 1 elsewhere."""
    progress = time.progress()
    inside = (progress >= 0.2) & (progress < 0.6)  # noqa: PLR2004 - the law's own numbers
    return np.where(inside, 0.85 + 0.30 * (progress - 0.2) / 0.4, 1.0)


def load_step(time: TimeBase) -> Samples:
    """0.7 before 0.4 of the record, 1 after."""
    return np.where(time.progress() < 0.4, 0.7, 1.0)  # noqa: PLR2004 - the law's own numbers


def thermal_expansion(time: TimeBase) -> Samples:
    """Towards 1.1, with a time constant of 0.3 of the record."""
    return 0.9 + 0.2 * (1 - np.exp(-time.progress() / 0.3))


TRANSIENTS: tuple[Transient, ...] = (speed_ramp, load_step, thermal_expansion)
