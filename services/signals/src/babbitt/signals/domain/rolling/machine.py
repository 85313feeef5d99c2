"""What stays the same from record to record of one machine: its bearing, its speed, its structure, its noise.

Ranges are engineering values that cover what test rigs and machines show; no machine is meant in particular.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from babbitt.contracts.bearings import FaultOrders
from babbitt.contracts.dataspec import BearingGeometry

LOWEST_RESONANCE_HZ = 600.0
HIGHEST_RESONANCE_HZ = 6_000.0
IMPACTS_APART = 3.0
"""A structure rings faster than it is struck, by this at least, or single impacts could not be told."""
BELOW_NYQUIST = 0.9
"""What rings above this share of half the sampling rate is not there: an anti-alias filter took it."""

RESONANCES = (1, 3)
DAMPING = (0.008, 0.06)
OTHER_RESONANCES = (0, 2)
OTHER_DAMPING = (0.05, 0.4)
NOISE_RMS_G = (0.02, 0.5)
NOISE_TILT = (0.0, 1.5)
NOISE_CORNER_HZ = (100.0, 2_000.0)
NOISE_OF_STRUCTURE = (0.0, 1.5)
NOISE_MODULATION = (0.0, 0.35)
MODULATIONS = 3
HARMONICS = 6
HARMONICS_LEVEL = (0.03, 1.0)
LOAD_ZONE = (0.3, 1.0)
UNLOADED = (0.0, 0.3)
INNER_STRIKE = (0.0, 1.0)
UNBALANCED = (0.0, 0.4)

type Spectrum = NDArray[np.complex64]
type Amplitudes = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Resonance:
    """A damped natural frequency of the structure; `damping` is the share of the critical one."""

    frequency_hz: float
    damping: float
    gain: float

    def response(self, frequencies_hz: Amplitudes) -> Spectrum:
        """What it makes of a blow at each frequency, 1 times `gain` at its top: [frequencies]."""
        ratio = frequencies_hz / np.float32(self.frequency_hz)
        top = 2 * self.damping * self.gain
        return (top / (1 - ratio**2 + np.complex64(2j * self.damping) * ratio)).astype(np.complex64)


@dataclass(frozen=True, slots=True)
class NoiseColour:
    """Level and spectrum of what a machine makes without a fault: `level_g` rms, falling by `tilt` above `corner_hz`.

    `of_structure` is the share that the machine's own resonances have in it, `modulations` how far it swells with each
    harmonic of the shaft: a sound machine has lines in its envelope too.
    """

    level_g: float
    corner_hz: float
    tilt: float
    others: tuple[Resonance, ...]
    of_structure: float
    modulations: tuple[float, ...]

    def shape(self, frequencies_hz: Amplitudes, structure: Spectrum) -> Amplitudes:
        """Amplitude at each frequency, up to a factor, where `structure` is what the resonances answer."""
        shape = (1 + frequencies_hz / np.float32(self.corner_hz)) ** np.float32(-self.tilt)
        for one in self.others:
            shape += np.abs(one.response(frequencies_hz))
        return shape + np.float32(self.of_structure) * np.abs(structure)


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine with a rolling-element bearing.

    Attributes:
        bearing: its geometry.
        shaft_speed_hz: revolutions a second of the ring that turns.
        resonances: what impacts make ring.
        noise: what is there without a fault.
        harmonics: amplitude of each harmonic of the shaft, over the noise's rms.
        load_zone: how much of the circumference bears load; 0.5: the half.
        unloaded: strength of an impact outside of the load zone, over one in its middle.
        inner_strike: how hard a ball's defect strikes the inner race, over the outer one; 0: once a turn.
        unbalanced: how far a turning load modulates what a standing one would leave alone.
    """

    bearing: BearingGeometry
    shaft_speed_hz: float
    resonances: tuple[Resonance, ...]
    noise: NoiseColour
    harmonics: tuple[float, ...]
    load_zone: float
    unloaded: float
    inner_strike: float
    unbalanced: float

    @property
    def orders(self) -> FaultOrders:
        """Where faults of its bearing show."""
        return FaultOrders.of(self.bearing)

    @classmethod
    def draw(
        cls, rng: Generator, bearing: BearingGeometry, shaft_speed_hz: tuple[float, float], sampling_rate_hz: float
    ) -> Self:
        """A machine at random.

        Args:
            rng: of this machine.
            bearing: its bearing.
            shaft_speed_hz: lowest and highest speed.
            sampling_rate_hz: at least `lowest_rate_hz` of the bearing at the highest speed.
        """
        lowest_hz = lowest_resonance_hz(bearing, shaft_speed_hz[1])
        highest_hz = min(max(HIGHEST_RESONANCE_HZ, 3 * lowest_hz), BELOW_NYQUIST * sampling_rate_hz / 2)
        band = (lowest_hz, highest_hz)
        return cls(
            bearing=bearing,
            shaft_speed_hz=float(rng.uniform(*shaft_speed_hz)),
            resonances=_resonances(rng, RESONANCES, band, DAMPING),
            noise=NoiseColour(
                level_g=_log_uniform(rng, NOISE_RMS_G),
                corner_hz=_log_uniform(rng, NOISE_CORNER_HZ),
                tilt=float(rng.uniform(*NOISE_TILT)),
                others=_resonances(rng, OTHER_RESONANCES, band, OTHER_DAMPING),
                of_structure=float(rng.uniform(*NOISE_OF_STRUCTURE)),
                modulations=tuple(
                    float(rng.uniform(*NOISE_MODULATION)) / number for number in range(1, MODULATIONS + 1)
                ),
            ),
            harmonics=_harmonics(rng),
            load_zone=float(rng.uniform(*LOAD_ZONE)),
            unloaded=float(rng.uniform(*UNLOADED)),
            inner_strike=float(rng.uniform(*INNER_STRIKE)),
            unbalanced=float(rng.uniform(*UNBALANCED)),
        )


def lowest_resonance_hz(bearing: BearingGeometry, shaft_speed_hz: float) -> float:
    """The lowest frequency at which the structure may ring, for impacts to be told from one another."""
    orders = FaultOrders.of(bearing)
    most = max(orders.outer_race, orders.inner_race, 2 * orders.ball)
    return max(LOWEST_RESONANCE_HZ, IMPACTS_APART * most * shaft_speed_hz)


def lowest_rate_hz(bearing: BearingGeometry, shaft_speed_hz: float) -> float:
    """The lowest sampling rate at which impacts of the bearing are seen: twice the lowest resonance is below it."""
    return 2 * lowest_resonance_hz(bearing, shaft_speed_hz) * 2 / BELOW_NYQUIST


def _resonances(
    rng: Generator, number: tuple[int, int], band_hz: tuple[float, float], damping: tuple[float, float]
) -> tuple[Resonance, ...]:
    count = int(rng.integers(number[0], number[1], endpoint=True))
    return tuple(
        Resonance(_log_uniform(rng, band_hz), _log_uniform(rng, damping), float(rng.uniform(0.3, 1.0)))
        for _ in range(count)
    )


def _harmonics(rng: Generator) -> tuple[float, ...]:
    """Falling with their number, each by chance stronger or weaker."""
    level = _log_uniform(rng, HARMONICS_LEVEL)
    return tuple(level / number * float(rng.lognormal(sigma=0.7)) for number in range(1, HARMONICS + 1))


def _log_uniform(rng: Generator, bounds: tuple[float, float]) -> float:
    return float(np.exp(rng.uniform(*np.log(bounds))))
