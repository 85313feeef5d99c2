"""Short events at random places of a record: rubbing contacts, and collapsing bubbles."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from babbitt.signals.domain.time_base import FloatSamples, Samples, TimeBase

BUBBLE_S = 0.008
BUBBLE_DECAY_PER_S = 100.0
BUBBLE_RANGE_HZ = (1500.0, 2500.0)


class Impacts(NamedTuple):
    """Events of one length, which add up where they meet.

    Attributes:
        starts: the first sample of each: [events].
        shapes: [events, samples of one].
        enveloped: whether s(t) and m(t) multiply them.
    """

    starts: NDArray[np.int64]
    shapes: NDArray[np.float64]
    enveloped: bool = False

    def add_to(self, record: FloatSamples) -> None:
        """Add them to [samples]."""
        for start, shape in zip(self.starts.tolist(), self.shapes.astype(np.float32), strict=True):
            record[start : start + shape.size] += shape


def contacts(
    rng: Generator,
    time: TimeBase,
    *,
    count: int,
    amplitude: float,
    samples: int,
    decay: float,
    enveloped: bool = False,
) -> Impacts:
    """Noise that dies away: amplitude * exp(-decay k) * N(0, 1) for k below `samples`."""
    starts = rng.integers(0, time.samples - samples, size=count)
    shapes = amplitude * _decaying(decay, samples) * rng.standard_normal((count, samples))
    return Impacts(starts, shapes, enveloped)


@lru_cache
def _decaying(decay: float, samples: int) -> Samples:
    return np.exp(-decay * np.arange(samples))


def bubbles(rng: Generator, time: TimeBase, *, count: int, amplitude: float) -> Impacts:
    """Cavitation's bursts of 8 ms: amplitude * sin(2 pi f t) exp(-100 t) under a Hann window, f from 1.5 to 2.5 kHz."""
    samples = round(BUBBLE_S * time.sampling_rate_hz)
    starts = rng.integers(0, time.samples - samples, size=count)
    frequencies_hz = rng.uniform(*BUBBLE_RANGE_HZ, size=(count, 1))
    t = np.arange(samples) / time.sampling_rate_hz
    envelope = amplitude * np.exp(-BUBBLE_DECAY_PER_S * t) * np.hanning(samples)
    return Impacts(starts, envelope * np.sin(2 * np.pi * frequencies_hz * t))
