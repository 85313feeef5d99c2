"""Polyphase resampling to a lower rate: the one piece of code that imports and requests share."""

from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.signal import resample_poly

from babbitt.contracts.dataspec import same_rate
from babbitt.recordings.errors import RateTooLow

LARGEST_DENOMINATOR = 2_000
"""Ratios with a larger denominator are approximated (within 0.03 %): the filter grows with it."""

# The pass band is flat up to 0.9 of the lower Nyquist frequency; at the Nyquist frequency 80 dB are gone.
# Kaiser's formula for 80 dB and a transition of 0.1 gives 50 taps a side for each step of the longer rate.
_CUTOFF = 0.95
_KAISER_BETA = 7.857
_TAPS_A_SIDE = 50
REACH_SAMPLES = 2 * _TAPS_A_SIDE
"""Samples of the lower rate, on either side, that one sample of the higher rate has a share in, all stages counted."""
_STAGE = 32  # where more than twice this goes, it goes in stages: filter and work grow with a single one

_BLOCK = 4_000_000


def resample(waveform: ArrayLike, from_hz: float, to_hz: float) -> NDArray[np.float32]:
    """`waveform` at `to_hz` samples a second, without what would alias.

    A rate within 0.1 % is taken as it is. The ratio is exact: 48 kHz to 12 kHz is 1:4, 44.1 kHz to 12 kHz is 40:147.

    Args:
        waveform: [..., samples]; finite.
        from_hz: samples a second of `waveform`; positive.
        to_hz: samples a second asked for; positive.

    Returns:
        [..., ceil(samples * to_hz / from_hz)]; what float32 cannot hold is infinite.

    Raises:
        RateTooLow: `from_hz` is below `to_hz`: what is not in a signal cannot be added.
    """
    samples = np.asarray(waveform)
    if same_rate(from_hz, to_hz):
        return _as_float32(samples)
    if from_hz < to_hz:
        raise RateTooLow(f"sampled at {from_hz:g} Hz, but {to_hz:g} Hz are needed: nothing is resampled upwards")
    stages, ratio = _stages(from_hz, to_hz)
    for _ in range(stages):
        samples = _polyphase(samples, 1, _STAGE)
    return _as_float32(_polyphase(samples, ratio.numerator, ratio.denominator))


def ratio_of(from_hz: float, to_hz: float) -> Fraction:
    """How many samples `resample` makes of one: to find again afterwards what stood at a place before."""
    if same_rate(from_hz, to_hz):
        return Fraction(1)
    stages, ratio = _stages(from_hz, to_hz)
    return ratio / _STAGE**stages


def _stages(from_hz: float, to_hz: float) -> tuple[int, Fraction]:
    """How often 1:32, and what ratio follows."""
    ratio, stages = Fraction(to_hz) / Fraction(from_hz), 0
    while ratio * _STAGE < Fraction(1, 2):
        ratio, stages = ratio * _STAGE, stages + 1
    return stages, ratio.limit_denominator(LARGEST_DENOMINATOR)


def _polyphase(samples: NDArray[Any], up: int, down: int) -> NDArray[np.float64]:
    """The mean goes first and comes back last: else the zeros beyond both ends would bend an offset signal there.

    Long signals go in blocks, each with what the filter reaches on either side: that takes a third of the memory.
    """
    length = samples.shape[-1]
    if length <= _BLOCK:
        return _filtered(samples, up, down, padtype="mean")
    mean = samples.mean(axis=-1, keepdims=True, dtype=np.float64)
    block, margin = _BLOCK // down * down, _TAPS_A_SIDE * down
    resampled = np.empty((*samples.shape[:-1], -(-length * up // down)))
    for start in range(0, length, block):
        begin = max(0, start - margin)
        piece = _filtered(samples[..., begin : start + block + margin] - mean, up, down, padtype="constant")
        first, skipped = start * up // down, (start - begin) * up // down
        there = resampled[..., first : first + block * up // down]
        np.add(piece[..., skipped : skipped + there.shape[-1]], mean, out=there)
    return resampled


def _filtered(samples: NDArray[Any], up: int, down: int, *, padtype: str) -> NDArray[np.float64]:
    return resample_poly(np.asarray(samples, np.float64), up, down, axis=-1, window=_filter(down), padtype=padtype)


def _as_float32(samples: NDArray[Any]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(samples, dtype=np.float32)


@lru_cache(maxsize=8)  # of at most 1.6 MB each
def _filter(down: int) -> NDArray[np.float64]:
    """The low-pass for a ratio up:down, a windowed sinc; `down` is the larger one, as nothing is resampled upwards."""
    steps = np.arange(-_TAPS_A_SIDE * down, _TAPS_A_SIDE * down + 1)
    taps = np.sinc(steps * (_CUTOFF / down)) * np.kaiser(steps.size, _KAISER_BETA)
    taps /= taps.sum()
    taps.flags.writeable = False
    return taps
