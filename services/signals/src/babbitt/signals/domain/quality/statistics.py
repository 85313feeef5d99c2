"""What is measured of every record while it is at hand: enough to tell later what a dataset gives away."""

from functools import lru_cache
from math import log10
from typing import Final, Literal, cast

import numpy as np
import scipy.fft
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

type Statistic = Literal["rms", "crest", "kurtosis", "clipping", "dc"]

STATISTICS: Final[tuple[Statistic, ...]] = Statistic.__value__.__args__
_EDGES: Final = np.array([1, 2, 3, 4, 6, 8, 11, 15, 20, 27, 36, 48, 64, 85, 114, 152, 203, 271, 362, 512])
BANDS: Final = _EDGES.size - 1
FIELDS: Final = len(STATISTICS) + BANDS
"""Numbers a channel: the statistics in their order, then the levels of the bands."""

_SEGMENT = 1024
_SEGMENTS = 16  # evenly over the record: a twentieth of a millisecond
_PIECE = 25_600
_SMALLEST, _LARGEST = 1e-6, 1e6
_QUIETEST = np.float32(1e-30)  # power; silence has a level too


def measure(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The statistics of a record, and its spectrum as levels in bands.

    - `dc`: the mean; the rest is measured of what is left without it.
    - `rms`; `crest`: the largest absolute value over it.
    - `kurtosis`: fourth moment over the squared second one; 3 for Gaussian noise. Of a constant it is 0, as is `crest`.
    - `clipping`: share of the samples that lie, with the next one, at the record's highest or lowest value.
    - bands: mean power spectral density in decibels, by `band_edges`, one to the next.

    Args:
        samples: [channels, samples], finite; at least two samples.

    Returns:
        [channels, FIELDS], finite.
    """
    return np.stack([_measure(channel) for channel in samples])


def band_edges(sampling_rate_hz: float) -> NDArray[np.float64]:
    """The edges of the bands in hertz, rising: [BANDS + 1]."""
    return _EDGES * (sampling_rate_hz / _SEGMENT)


def _measure(channel: NDArray[np.float32]) -> NDArray[np.float32]:
    highest, lowest = channel.max(), channel.min()
    largest = float(max(highest, -lowest))
    if largest and not _SMALLEST < largest < _LARGEST:  # float32 does not hold the fourth power of raw counts
        measured = _measure((channel / largest).astype(np.float32))
        measured[[STATISTICS.index("rms"), STATISTICS.index("dc")]] *= np.float32(largest)
        measured[len(STATISTICS) :] += np.float32(20 * log10(largest))
        return measured
    dc = channel.mean()
    power, fourth = _moments(channel, dc)
    peak, rms = float(max(highest - dc, dc - lowest)), power**0.5
    crest, kurtosis = (peak / rms, fourth / power**2) if fourth > 0 else (0.0, 0.0)
    stuck = _in_a_row(channel == highest) + (_in_a_row(channel == lowest) if lowest < highest else 0)
    measured = np.empty(FIELDS, np.float32)
    measured[: len(STATISTICS)] = rms, crest, kurtosis, stuck / (channel.size - 1), dc
    measured[len(STATISTICS) :] = _levels(channel, dc)
    return measured


def _moments(channel: NDArray[np.float32], dc: np.float32) -> tuple[float, float]:
    """The second and fourth moments about the mean, piece by piece: a copy of all would leave the processor's cache."""
    second = fourth = 0.0
    for start in range(0, channel.size, _PIECE):
        centred = channel[start : start + _PIECE] - dc
        second += float(np.dot(centred, centred))
        np.multiply(centred, centred, out=centred)
        fourth += float(np.dot(centred, centred))
    return second / channel.size, fourth / channel.size


def _in_a_row(extreme: NDArray[np.bool_]) -> int:
    if np.count_nonzero(extreme) == 1:
        return 0
    return int(np.count_nonzero(extreme[1:] & extreme[:-1]))


def _levels(channel: NDArray[np.float32], dc: np.float32) -> NDArray[np.float32]:
    if channel.size < _SEGMENT:
        channel = np.pad(channel, (0, _SEGMENT - channel.size), constant_values=dc)
    step = max(1, (channel.size - _SEGMENT) // (_SEGMENTS - 1))
    count = min(_SEGMENTS, (channel.size - _SEGMENT) // step + 1)
    segments = sliding_window_view(channel, _SEGMENT)[::step][:count] - dc
    segments *= _window()
    spectra = cast("NDArray[np.complex64]", scipy.fft.rfft(segments))  # NumPy's takes twice as long
    parts = spectra.view(np.float32)  # real and imaginary in turn
    power = np.einsum("ij,ij->j", parts, parts).reshape(-1, 2).sum(axis=1) / count
    bands = np.add.reduceat(power, _EDGES)[:BANDS] / np.diff(_EDGES)
    return 10 * np.log10(bands + _QUIETEST)


@lru_cache
def _window() -> NDArray[np.float32]:
    window = np.hanning(_SEGMENT)
    return (window / np.sqrt(np.sum(window**2))).astype(np.float32)
