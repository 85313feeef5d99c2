"""What each fault adds to a record: its signature. The identifiers are those of the reference data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.random import Generator

from babbitt.signals.domain.journal.operating_conditions import OperatingConditions
from babbitt.signals.domain.time_base import Samples, TimeBase


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a signature may depend on.

    Attributes:
        severity: s(t), [samples] or [1].
        envelope: m(t), [samples] or [1].
    """

    conditions: OperatingConditions
    severity: Samples
    envelope: Samples
    time: TimeBase


@dataclass(frozen=True, slots=True)
class Fault:
    """A class of records: its identifier, its English name, and what it adds to a record ([samples] or [1])."""

    identifier: str
    english: str
    signature: Callable[[Scene, Generator], Samples]


def _healthy(_: Scene, __: Generator) -> Samples:
    return np.zeros(1)


def _misalignment(scene: Scene, rng: Generator) -> Samples:
    """Twice and three times shaft speed."""
    speed = scene.conditions.shaft_speed_hz
    tones = 0.35 * scene.time.tone(2 * speed, _phase(rng)) + 0.20 * scene.time.tone(3 * speed, _phase(rng))
    return tones * scene.severity * scene.envelope


def _imbalance(scene: Scene, rng: Generator) -> Samples:
    """Shaft speed; the force grows with its square."""
    conditions = scene.conditions
    amplitude = 0.5 * conditions.load_factor * conditions.speed_ratio**2
    return amplitude * scene.time.tone(conditions.shaft_speed_hz, _phase(rng)) * scene.severity * scene.envelope


def _oil_whirl(scene: Scene, rng: Generator) -> Samples:
    """A little below half of shaft speed, swelling at half its own frequency.

    As 1/sqrt(S) it runs against practice (a light load, high S, promotes whirl): kept as the reference has it. The
    origin of time is random, which leaves the phases of both factors tied.
    """
    frequency_hz = (0.42 + 0.06 * rng.random()) * scene.conditions.shaft_speed_hz
    phase = 2 * _phase(rng)
    swelling = 1 + 0.2 * scene.time.tone(frequency_hz / 2, phase / 2)
    whirl = 0.40 / sqrt(scene.conditions.sommerfeld) * scene.time.tone(frequency_hz, phase)
    return whirl * swelling * scene.severity * scene.envelope


def _phase(rng: Generator) -> float:
    return 2 * np.pi * rng.random()


HEALTHY = "sain"

FAULTS: Mapping[str, Fault] = {
    fault.identifier: fault
    for fault in (
        Fault(HEALTHY, "healthy", _healthy),
        Fault("desalignement", "misalignment", _misalignment),
        Fault("desequilibre", "imbalance", _imbalance),
        Fault("oilwhirl", "oil whirl", _oil_whirl),
    )
}
