"""A shaft whose speed changes within a record: optional effects `run_up`, `coast_down` and `speed_fluctuation`.

Tones that follow the shaft are modulated in frequency: their phase is the integral of the speed.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from babbitt.contracts.simulations import EffectName
from babbitt.signals.domain.streams import Layer, Streams
from babbitt.signals.domain.time_base import Samples, TimeBase
from babbitt.signals.domain.tones import Tone

SLOWEST_RATIO = 0.5
RAMP_SHARE = 0.5
FLUCTUATION_RMS = 0.03
FLUCTUATION_BANDWIDTH_HZ = 5.0

_SPEED_EFFECTS: frozenset[EffectName] = frozenset({"run_up", "coast_down", "speed_fluctuation"})


@dataclass(frozen=True, slots=True)
class Rotation:
    """How fast the shaft turns.

    Attributes:
        speed_ratio: of the record's shaft speed: [samples].
        shaft_time_s: the time that the shaft would have turned as far at that speed: [samples].
    """

    speed_ratio: Samples
    shaft_time_s: Samples

    def sum(self, tones: Collection[Tone]) -> Samples:
        """Tones that follow the shaft, added up: [samples]."""
        total = np.zeros_like(self.shaft_time_s)
        for tone in tones:
            angle = 2 * np.pi * tone.frequency_hz * self.shaft_time_s + tone.phase
            total += tone.amplitude * self.speed_ratio**tone.speed_power * np.sin(angle)
        return total


def rotation(effects: Collection[EffectName], streams: Streams, time: TimeBase) -> Rotation | None:
    """How the shaft turns over a record; None: steadily.

    A run-up takes the first half of the record, from half of the speed; a coast-down the last, to half of it.
    """
    if _SPEED_EFFECTS.isdisjoint(effects):
        return None
    ratio, progress = np.ones(time.samples), time.progress()
    if "run_up" in effects:
        ratio *= np.interp(progress, [0, RAMP_SHARE], [SLOWEST_RATIO, 1])
    if "coast_down" in effects:
        ratio *= np.interp(progress, [1 - RAMP_SHARE, 1], [1, SLOWEST_RATIO])
    if "speed_fluctuation" in effects:
        ratio *= 1 + FLUCTUATION_RMS * band_limited(streams(Layer.SPEED), time)
    elapsed = np.concatenate([[0.0], np.cumsum((ratio[1:] + ratio[:-1]) / 2)]) / time.sampling_rate_hz
    return Rotation(ratio, elapsed)


def band_limited(rng: Generator, time: TimeBase) -> Samples:
    """Gaussian noise of standard deviation 1 below 5 Hz, with mean 0 over the record: [samples]."""
    lines = max(1, int(FLUCTUATION_BANDWIDTH_HZ * time.duration_s))
    spectrum = np.zeros(time.samples // 2 + 1, dtype=np.complex128)
    spectrum[1 : lines + 1] = rng.standard_normal(lines) + 1j * rng.standard_normal(lines)
    noise = np.fft.irfft(spectrum, time.samples)
    return noise / noise.std()
