"""Records of the simulator, each made once, and what can be told of a waveform."""

from functools import cache, cached_property

import numpy as np
import pytest

from babbitt.signals.domain.journal.severity import SeverityLevel
from babbitt.signals.domain.journal.simulation import Simulator
from babbitt.signals.domain.time_base import TimeBase

FIVE_SECONDS = TimeBase.of(5.0, 20_480.0)
SEED = 11


class Spectrum:
    """Power by frequency of one channel without its mean, Hann window."""

    def __init__(self, samples, rate=20_480.0):
        self.power = np.abs(np.fft.rfft((samples - samples.mean()) * np.hanning(samples.size))) ** 2
        self.frequency = np.fft.rfftfreq(samples.size, 1 / rate)

    def energy(self, low, high):
        return self.power[(self.frequency >= low) & (self.frequency < high)].sum()

    def at(self, frequency, width=1.0):
        return self.energy(frequency - width, frequency + width)

    def share(self, low, high):
        return self.energy(low, high) / self.power.sum()

    def strongest(self, low=0.0, high=np.inf):
        inside = (self.frequency >= low) & (self.frequency < high)
        return self.frequency[inside][np.argmax(self.power[inside])]

    def stands_out(self, frequency):
        """A line at least ten times as strong as what is beside it."""
        beside = (self.energy(frequency - 12, frequency - 2) + self.energy(frequency + 2, frequency + 12)) / 10
        return self.at(frequency) > 10 * beside

    def flatness(self):
        """Geometric over arithmetic mean of the power: about 0.5 of white noise, 0 of a tone."""
        return np.exp(np.mean(np.log(self.power))) / self.power.mean()


class Record:
    """A simulated record with its conditions and what is often asked of it."""

    def __init__(self, made):
        self.samples, self.conditions = made.samples[0].astype(np.float64), made.conditions
        self.severity, self.transient = made.severity, made.transient
        self.rms = np.sqrt(np.mean(self.samples**2))
        centred = self.samples - self.samples.mean()
        self.kurtosis = np.mean(centred**4) / np.mean(centred**2) ** 2

    @cached_property
    def spectrum(self):
        return Spectrum(self.samples)


@pytest.fixture(scope="session")
def simulated():
    """A function: a record of five seconds of a class, by number and level; each is made once."""
    simulator = Simulator(SEED, FIVE_SECONDS)

    @cache
    def record(label, number, level=SeverityLevel.SEVERE):
        return Record(simulator.make(label, record=number, level=level))

    return record
