"""Finds stretches that two records share, also after another gain or offset: the mark of data that leaked.

A recording exported twice, normalised, or cut with overlap gives records whose digests differ but whose samples
repeat. Offset and gain leave unchanged where a signal turns; so each stretch of turning points is hashed, and of every
possible run of 1,024 samples at least one hash is kept (winnowing: Schleimer, Wilkerson and Aiken, "Winnowing: local
algorithms for document fingerprinting", 2003). Equal hashes are candidates; the samples decide.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RUN_SAMPLES = 1024
"""Two records that share this many successive samples share their origin."""

MISFIT = 1e-4
"""What rounding may leave between two copies, as a share of their standard deviation."""

_PATTERN = 256  # turning points hashed together
_WINDOW = RUN_SAMPLES - 2 - _PATTERN + 1  # hashes that a run has, of which the least is kept
_FEWEST_CHANGES = 16  # a pattern with fewer (a pause, a slow sine) is alike in many records and says nothing
_DISTANCES_TRIED = 64
_NO_HASH = np.uint64(2**64 - 1)
_SYMBOLS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
_BASE = 0xD6E8FEB86659FD93  # odd, so it has an inverse modulo 2^64

type Hashes = NDArray[np.uint64]


def fingerprints(samples: NDArray[np.float32]) -> Hashes:
    """Hashes of which records that share a run of `RUN_SAMPLES` samples have one in common, after any gain or offset.

    Args:
        samples: [channels, samples]; about one hash in 400 samples comes of it.
    """
    return np.unique(np.concatenate([_winnowed(_pattern_hashes(channel)) for channel in samples]))


def share_a_run(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    """Whether two records share a run of `RUN_SAMPLES` samples, up to gain and offset. Shapes: [channels, samples]."""
    return any(_channels_share_a_run(a, b) for a in one for b in other)


def _channels_share_a_run(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    ours, theirs = _pattern_hashes(one), _pattern_hashes(other)
    common, ours_at, theirs_at = np.intersect1d(ours, theirs, return_indices=True)
    places = np.stack([ours_at, theirs_at], axis=1)[common != _NO_HASH]
    # All patterns of one run lie at one distance from their copies: trying a pattern of each distance is enough.
    _, first = np.unique(places[:, 0] - places[:, 1], return_index=True)
    return any(_run_around(one, other, *places[place]) for place in first[:_DISTANCES_TRIED])


def _run_around(one: NDArray[np.float32], other: NDArray[np.float32], at: int, other_at: int) -> bool:
    """Whether the gain and offset that make `one` from `at` into `other` from `other_at` hold over a whole run."""
    before = min(at, other_at, RUN_SAMPLES)
    after = min(one.size - at, other.size - other_at, _PATTERN + RUN_SAMPLES)
    a, b = (
        signal[start - before : start + after].astype(np.float64) for signal, start in ((one, at), (other, other_at))
    )
    pattern = slice(before, before + _PATTERN + 2)
    centre, spread = a[pattern].mean(), a[pattern].std()
    gain = float(np.mean((a[pattern] - centre) * b[pattern]) / spread**2)
    misfit = np.abs(gain * (a - centre) + b[pattern].mean() - b)
    rounding = 8 * float(np.finfo(np.float32).eps) * max(np.abs(a[pattern]).max() * abs(gain), np.abs(b[pattern]).max())
    agrees = misfit <= MISFIT * spread * abs(gain) + rounding
    edges = np.flatnonzero(np.diff(np.concatenate([[False], agrees, [False]]).astype(np.int8)))
    return gain != 0 and edges.size > 0 and int((edges[1::2] - edges[::2]).max()) >= RUN_SAMPLES


def _pattern_hashes(channel: NDArray[np.float32]) -> Hashes:
    """A hash of the turning points in each stretch of `_PATTERN` + 2 samples: [samples - _PATTERN - 1]."""
    count = channel.size - 2 - _PATTERN + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    direction = np.sign(np.diff(channel)).astype(np.int8)
    turns = direction[1:] * direction[:-1]  # -1: turns; 0: a step of zero height; 1: goes on. The same upside down
    powers, inverses = _powers(turns.size)
    prefix = np.concatenate([np.zeros(1, np.uint64), np.cumsum(_SYMBOLS[turns] * powers, dtype=np.uint64)])
    hashes = (prefix[_PATTERN:] - prefix[:-_PATTERN]) * inverses[:count]
    hashes ^= hashes >> np.uint64(31)
    hashes *= np.uint64(_BASE)
    hashes ^= hashes >> np.uint64(29)
    changes = np.concatenate([[0, 0], np.cumsum(turns[1:] != turns[:-1])])
    hashes[changes[_PATTERN:] - changes[1 : count + 1] < _FEWEST_CHANGES] = _NO_HASH
    return hashes


def _winnowed(hashes: Hashes) -> Hashes:
    """The least hash of each `_WINDOW` successive ones; of fewer, the least of all."""
    if hashes.size == 0:
        return hashes
    padded = np.full(-(-max(hashes.size, _WINDOW) // _WINDOW) * _WINDOW, _NO_HASH)
    padded[: hashes.size] = hashes
    blocks = padded.reshape(-1, _WINDOW)
    # van Herk's algorithm: a window is the end of one block and the beginning of the next.
    from_left = np.minimum.accumulate(blocks, axis=1).ravel()
    from_right = np.minimum.accumulate(blocks[:, ::-1], axis=1)[:, ::-1].ravel()
    windows = max(hashes.size - _WINDOW + 1, 1)
    least = np.minimum(from_right[:windows], from_left[_WINDOW - 1 : _WINDOW - 1 + windows])
    kept = np.unique(least[np.concatenate([[True], least[1:] != least[:-1]])])
    return kept[kept != _NO_HASH]


@lru_cache(maxsize=4)
def _powers(count: int) -> tuple[Hashes, Hashes]:
    """Powers of the base and of its inverse, modulo 2^64: [count] each."""
    inverse = pow(_BASE, -1, 2**64)
    steps = [np.full(count, base, dtype=np.uint64) for base in (_BASE, inverse)]
    for step in steps:
        step[0] = 1
    powers, inverses = (np.cumprod(step, dtype=np.uint64) for step in steps)
    return powers, inverses
