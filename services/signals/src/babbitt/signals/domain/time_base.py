"""The instants of a record."""

from dataclasses import dataclass

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
