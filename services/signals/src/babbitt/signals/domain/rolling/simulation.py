"""One record of a machine with a rolling-element bearing. Profile `rolling`, generator version 1."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.fft import next_fast_len

from babbitt.contracts.simulations import RollingFault
from babbitt.signals.domain.rolling.impacts import Impacts, Motion, impacts_of
from babbitt.signals.domain.rolling.machine import Amplitudes, Machine, Spectrum
from babbitt.signals.domain.streams import Layer, Streams
from babbitt.signals.domain.time_base import TimeBase
from babbitt.signals.domain.tones import Tone, ToneBank
from babbitt.signals.domain.white_noise import rms

SLIP = (-0.02, 0.01)
JITTER = (0.002, 0.02)
SCATTER = (0.05, 0.4)
FINER = 2
"""Impacts fall between two samples: they are placed on a grid so much finer."""


@dataclass(frozen=True, slots=True)
class RecordConditions:
    """What differs from record to record of a machine.

    Attributes:
        motion: how its defect moves.
        signal_to_noise_db: power of the impacts over that of the noise.
    """

    motion: Motion
    signal_to_noise_db: float

    @classmethod
    def draw(cls, rng: Generator, signal_to_noise_db: tuple[float, float]) -> Self:
        """Each quantity uniform in its range."""
        slip, jitter, scatter, level_db = (
            float(rng.uniform(*bounds)) for bounds in (SLIP, JITTER, SCATTER, signal_to_noise_db)
        )
        return cls(Motion(slip, jitter, scatter), level_db)

    def told(self) -> Mapping[str, float]:
        """What a shard tells of the record, by name and unit."""
        motion = self.motion
        return {
            "slip": motion.slip,
            "jitter": motion.jitter,
            "scatter": motion.scatter,
            "signal_to_noise_db": self.signal_to_noise_db,
        }


def simulate(
    fault: RollingFault,
    machine: Machine,
    conditions: RecordConditions,
    time: TimeBase,
    streams: Streams,
) -> NDArray[np.float32]:
    """The acceleration in g: [1, samples]. The same arguments give the same bytes (one build of NumPy, one CPU family).

    Impacts excite the resonances, noise of the machine's colour swells with the shaft, and harmonics of the shaft lie
    over both (McFadden and Smith, "Model for the vibration produced by a single point defect", 1984; Antoni and
    Randall, "A stochastic model for simulation and diagnostics of rolling element bearings", 2002).
    """
    asked, time = (
        time,
        replace(time, samples=next_fast_len(time.samples, real=True)),
    )  # a prime takes five times as long
    frequencies_hz = np.fft.rfftfreq(time.samples, 1 / time.sampling_rate_hz).astype(np.float32)
    structure = np.sum([one.response(frequencies_hz) for one in machine.resonances], axis=0, dtype=np.complex64)
    record = _background(machine, structure, frequencies_hz, time, streams(Layer.ROLLING_BACKGROUND))
    struck = impacts_of(fault, machine, conditions.motion, time.duration_s, streams(Layer.ROLLING_IMPACTS))
    if struck.times_s.size:
        ringing = np.fft.irfft(structure * _train(struck, time), time.samples).astype(np.float32)
        level_g = machine.noise.level_g * 10 ** (conditions.signal_to_noise_db / 20)
        record += ringing * np.float32(level_g / rms(ringing))
    return record[np.newaxis, : asked.samples]


def _background(
    machine: Machine, structure: Spectrum, frequencies_hz: Amplitudes, time: TimeBase, rng: Generator
) -> NDArray[np.float32]:
    colour = machine.noise
    white = rng.standard_normal(2 * frequencies_hz.size, dtype=np.float32).view(np.complex64)
    noise = np.fft.irfft(white * colour.shape(frequencies_hz, structure), time.samples).astype(np.float32)
    tones = ToneBank(time)
    noise *= 1 + tones.sum(_harmonics(machine.shaft_speed_hz, colour.modulations, time, rng))
    noise *= np.float32(1 / rms(noise))
    noise += tones.sum(_harmonics(machine.shaft_speed_hz, machine.harmonics, time, rng))
    return noise * np.float32(colour.level_g)


def _harmonics(shaft_hz: float, amplitudes: tuple[float, ...], time: TimeBase, rng: Generator) -> list[Tone]:
    """The first harmonics of the shaft at random phases, those below half the sampling rate."""
    phases = 2 * np.pi * rng.random(len(amplitudes))
    return [
        Tone(amplitude, number * shaft_hz, float(phase))
        for number, (amplitude, phase) in enumerate(zip(amplitudes, phases, strict=True), start=1)
        if number * shaft_hz < time.sampling_rate_hz / 2
    ]


def _train(struck: Impacts, time: TimeBase) -> Spectrum:
    """The spectrum of the blows, each shared between the two places of the fine grid that it falls between."""
    places = FINER * time.samples
    grid = np.zeros(places, np.float32)
    exact = struck.times_s * time.sampling_rate_hz * FINER
    before = exact.astype(np.int64)
    share = exact - before
    np.add.at(grid, before % places, struck.strengths * (1 - share))
    np.add.at(grid, (before + 1) % places, struck.strengths * share)
    return np.fft.rfft(grid)[: time.samples // 2 + 1].astype(np.complex64)
