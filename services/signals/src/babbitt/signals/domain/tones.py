"""Sums of sines, by one small matrix product."""

from collections.abc import Sequence
from math import isqrt, pi
from typing import NamedTuple

import numpy as np

from babbitt.signals.domain.time_base import FloatSamples, TimeBase


class Tone(NamedTuple):
    """amplitude * sin(2 pi frequency t + phase).

    Attributes:
        frequency_hz: any; one over half the sampling rate folds.
        follows_shaft: whether it is a multiple of shaft speed, and changes with it.
        speed_power: with which power of shaft speed its amplitude changes.
    """

    amplitude: float
    frequency_hz: float
    phase: float = 0.0
    follows_shaft: bool = False
    speed_power: int = 0


class ToneBank:
    """Sums of tones on one time base, again and again into the same memory.

    By sin(a + b) = sin a cos b + cos a sin b over a grid of about sqrt(samples) by sqrt(samples), the sum of all tones
    is one product of two slender matrices, whose few sines are computed in double precision.
    """

    def __init__(self, time: TimeBase) -> None:
        columns = isqrt(max(time.samples - 1, 0)) + 1
        rows = -(-time.samples // columns)
        self._time = time
        self._coarse = columns * np.arange(rows)
        self._fine = np.arange(columns)
        self._grid = np.empty((rows, columns), np.float32)

    def sum(self, tones: Sequence[Tone], rise: float = 0.0) -> FloatSamples:
        """All tones added up, and a straight line from 0 to `rise`: [samples]. Overwritten by the next sum."""
        each = np.array([tone[:3] for tone in tones], dtype=np.float64).reshape(-1, 3, 1)
        amplitudes, frequencies_hz, phases = each[:, 0], each[:, 1], each[:, 2]
        steps = 2 * pi * frequencies_hz / self._time.sampling_rate_hz
        coarse, fine = phases + steps * self._coarse, steps * self._fine
        step = np.array([[rise / self._time.samples]])
        rows, columns = np.ones((1, self._coarse.size)), np.ones((1, self._fine.size))
        left = [amplitudes * np.sin(coarse), amplitudes * np.cos(coarse), step * self._coarse, rows]
        right = [np.cos(fine), np.sin(fine), columns, step * self._fine]
        factors = [np.concatenate(parts).astype(np.float32) for parts in (left, right)]
        np.matmul(factors[0].T, factors[1], out=self._grid)
        return self._grid.reshape(-1)[: self._time.samples]
