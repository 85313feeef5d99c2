"""Sums of sines, by one small matrix product."""

from collections.abc import Sequence
from math import isqrt, pi
from typing import NamedTuple

import numpy as np

from babbitt.signals.domain.time_base import FloatSamples, Samples, TimeBase


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
    is one product of two slender matrices. Turns are counted in double precision; of what is over, sines are single.
    """

    def __init__(self, time: TimeBase) -> None:
        columns = isqrt(max(time.samples - 1, 0)) + 1
        rows = -(-time.samples // columns)
        self._time = time
        self._coarse, self._fine = columns * np.arange(rows), np.arange(columns)
        self._grid = np.empty((rows, columns), np.float32)

    def sum(self, tones: Sequence[Tone]) -> FloatSamples:
        """All tones added up: [samples]. Overwritten by the next sum."""
        if tones:
            each = np.array([tone[:3] for tone in tones], dtype=np.float64).reshape(-1, 3, 1)
            amplitudes = each[:, 0].astype(np.float32)
            turns, begun = each[:, 1] / self._time.sampling_rate_hz, each[:, 2] / (2 * pi)
            coarse, fine = _angles(turns * self._coarse + begun), _angles(turns * self._fine)
            left = np.concatenate([amplitudes * np.sin(coarse), amplitudes * np.cos(coarse)])
            np.matmul(left.T, np.concatenate([np.cos(fine), np.sin(fine)]), out=self._grid)
        else:
            self._grid.fill(0)  # a product of empty matrices takes three times as long as one of full ones
        return self._grid.reshape(-1)[: self._time.samples]


def _angles(turns: Samples) -> FloatSamples:
    """In radians, within half a turn of 0."""
    return (2 * pi * (turns - np.rint(turns))).astype(np.float32)
