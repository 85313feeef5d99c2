"""What each fault adds to a record: its signature. The identifiers are those of the reference data.

Amplitudes are dimensionless and plausible, not solutions of the Reynolds equation. Looseness, wear and the bursts of
cavitation begin at phase 0, as in the reference data; all else at random phases.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import pi, sqrt

from numpy.random import Generator

from babbitt.signals.domain.journal.impacts import BUBBLE_RANGE_HZ, Impacts, bubbles, contacts
from babbitt.signals.domain.journal.operating_conditions import FASTEST_SHAFT_SPEED_HZ, OperatingConditions
from babbitt.signals.domain.journal.severity import Severity
from babbitt.signals.domain.time_base import TimeBase
from babbitt.signals.domain.tones import Tone


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a signature may depend on."""

    conditions: OperatingConditions
    severity: Severity
    time: TimeBase

    def shaft(self, amplitude: float, order: float, phase: float = 0.0, speed_power: int = 0) -> Tone:
        """A tone at a multiple of shaft speed."""
        frequency_hz = order * self.conditions.shaft_speed_hz
        return Tone(amplitude, frequency_hz, phase, follows_shaft=True, speed_power=speed_power)


@dataclass(frozen=True, slots=True)
class Signature:
    """What a fault adds. s(t) and m(t) multiply all of it but impacts that say otherwise.

    Attributes:
        noise_sigma: standard deviation of white noise.
        swelling: tones and noise are multiplied by 1 and this.
    """

    tones: tuple[Tone, ...] = ()
    noise_sigma: float = 0.0
    swelling: Tone | None = None
    impacts: Impacts | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A class of records: its identifier, what it adds to a record, and up to which frequency."""

    identifier: str
    signature: Callable[[Scene, Generator], Signature]
    highest_hz: float = 3 * FASTEST_SHAFT_SPEED_HZ


def _healthy(_: Scene, __: Generator) -> Signature:
    return Signature()


def _misalignment(scene: Scene, rng: Generator) -> Signature:
    """Twice and three times shaft speed."""
    return Signature((scene.shaft(0.35, 2, _phase(rng)), scene.shaft(0.20, 3, _phase(rng))))


def _imbalance(scene: Scene, rng: Generator) -> Signature:
    """Shaft speed; the force grows with its square."""
    return Signature((_unbalanced(scene, 0.5, rng),))


def _looseness(scene: Scene, rng: Generator) -> Signature:
    """A little below half of shaft speed, shaft speed, and twice that."""
    return Signature((_rattle(scene, 0.25, rng), scene.shaft(0.18, 1), scene.shaft(0.10, 2)))


def _lubrication(scene: Scene, rng: Generator) -> Signature:
    """A film that breathes slowly, the more the thinner it is, and rubs at times; the rubbing knows no envelope."""
    severity = scene.severity.mean
    rubbing = contacts(rng, scene.time, count=int(1 + 3 * severity), amplitude=0.5 * severity, samples=20, decay=0.4)
    return Signature((_breathing(scene, 0.30, rng),), impacts=rubbing)


def _cavitation(scene: Scene, rng: Generator) -> Signature:
    """Bubbles that collapse."""
    severity = scene.severity.mean
    return Signature(impacts=bubbles(rng, scene.time, count=int(2 + 5 * severity), amplitude=0.6 * severity))


def _wear(scene: Scene, rng: Generator) -> Signature:
    """A rough surface: noise and the shaft's first two orders, swelling slowly."""
    swelling = Tone(0.3, 0.5 + 1.5 * rng.random())
    return Signature((scene.shaft(0.12, 1), scene.shaft(0.06, 2)), 0.25 * _roughness(scene), swelling)


def _oil_whirl(scene: Scene, rng: Generator) -> Signature:
    """sin(a) (1 + 0.2 sin(a / 2)), a little below half of shaft speed, as the sum of three tones that it is.

    As 1/sqrt(S) it runs against practice (a light load, high S, promotes whirl): kept as the reference has it. The
    origin of time is random, which leaves the phases of both factors tied.
    """
    order, origin = 0.42 + 0.06 * rng.random(), _phase(rng)
    amplitude = 0.40 / sqrt(scene.conditions.sommerfeld)
    return Signature(
        (
            scene.shaft(amplitude, order, 2 * origin),
            scene.shaft(0.1 * amplitude, order / 2, origin + pi / 2),
            scene.shaft(-0.1 * amplitude, 3 * order / 2, 3 * origin + pi / 2),
        )
    )


def _misalignment_and_imbalance(scene: Scene, rng: Generator) -> Signature:
    """Severity counts twice here and in the next two, as it does in the reference data."""
    severity = scene.severity.mean
    return Signature(
        (
            scene.shaft(0.25 * severity, 2, _phase(rng)),
            scene.shaft(0.15 * severity, 3, _phase(rng)),
            _unbalanced(scene, 0.35 * severity, rng),
        )
    )


def _wear_and_lubrication(scene: Scene, rng: Generator) -> Signature:
    severity = scene.severity.mean
    tones = (
        scene.shaft(0.08 * severity, 1),
        scene.shaft(0.04 * severity, 2),
        _breathing(scene, 0.20 * severity, rng),
    )
    rubbing = contacts(
        rng, scene.time, count=int(2 + 3 * severity), amplitude=0.4 * severity, samples=10, decay=0.5, enveloped=True
    )
    return Signature(tones, 0.18 * severity * _roughness(scene), impacts=rubbing)


def _cavitation_and_looseness(scene: Scene, rng: Generator) -> Signature:
    severity = scene.severity.mean
    tones = (_rattle(scene, 0.22 * severity, rng), scene.shaft(0.15 * severity, 1))
    return Signature(tones, impacts=bubbles(rng, scene.time, count=int(3 + 4 * severity), amplitude=0.5 * severity))


def _unbalanced(scene: Scene, amplitude: float, rng: Generator) -> Tone:
    conditions = scene.conditions
    force = conditions.load_factor * conditions.speed_ratio**2
    return scene.shaft(amplitude * force, 1, _phase(rng), speed_power=2)


def _rattle(scene: Scene, amplitude: float, rng: Generator) -> Tone:
    return scene.shaft(amplitude * scene.conditions.temperature_factor, 0.43 + 0.05 * rng.random())


def _breathing(scene: Scene, amplitude: float, rng: Generator) -> Tone:
    conditions = scene.conditions
    film = conditions.temperature_factor * 0.3 / conditions.sommerfeld
    return Tone(amplitude * film, 2 + 3 * rng.random(), _phase(rng))


def _roughness(scene: Scene) -> float:
    return scene.conditions.operating_factor * scene.conditions.physics_factor


def _phase(rng: Generator) -> float:
    return 2 * pi * rng.random()


HEALTHY = "sain"

FAULTS: Mapping[str, Fault] = {
    fault.identifier: fault
    for fault in (
        Fault(HEALTHY, _healthy),
        Fault("desalignement", _misalignment),
        Fault("desequilibre", _imbalance),
        Fault("jeu", _looseness),
        Fault("lubrification", _lubrication),
        Fault("cavitation", _cavitation, BUBBLE_RANGE_HZ[1]),
        Fault("usure", _wear),
        Fault("oilwhirl", _oil_whirl),
        Fault("mixed_misalign_imbalance", _misalignment_and_imbalance),
        Fault("mixed_wear_lube", _wear_and_lubrication),
        Fault("mixed_cavit_jeu", _cavitation_and_looseness, BUBBLE_RANGE_HZ[1]),
    )
}
