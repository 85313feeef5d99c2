"""Finds stretches that two records share, also after another gain or offset: the mark of data that leaked.

A recording exported twice, normalised, or cut with overlap gives records whose digests differ but whose samples
repeat. Offset and gain leave unchanged where a signal turns; so each stretch of turning points is hashed, and of every
possible run of 1,024 samples at least one hash is kept. Equal hashes are candidates; the samples decide.

Which hashes are kept follows from the hashes alone, as in winnowing (Schleimer, Wilkerson and Aiken, "Winnowing: local
algorithms for document fingerprinting", 2003), but by levels instead of the least of each window, which would have to
look at every position: the rarest hashes first, then, where a whole run would be left without one, the next rarer. A
run that two records share has the same hashes in both; the first level of which it holds any is reached in both, as
what is kept of the levels before lies outside of it in both.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

RUN_SAMPLES = 1024
"""Two records that share this many successive samples share their origin."""

MISFIT = 1e-3
"""What rounding may leave between two copies, as a share of their standard deviation: half a step of 16 bits is a
thousandth of it where the peak is 65 times as high."""

_PATTERN = 256  # turning points hashed together
_WINDOW = RUN_SAMPLES - 2 - _PATTERN + 1  # patterns that a run has
_FEWEST_CHANGES = 16  # two a turn: a pattern with fewer (a pause, a slow sine) is alike in many records
_PATTERNS_TRIED = 1024  # a record of 250,000 samples has so many; at most 0.1 s

_QUARTER = 64  # turning points in a 16-bit hash; four make up a pattern's
_HASHES = 2**16
_SELDOM = (_HASHES // 512, _HASHES // 256, _HASHES // 128, _HASHES // 64)
"""Levels: how many of the possible hashes are kept, rarest first. In noise the last leaves 6 gaps in a million."""
_OFTEN = (_HASHES // 8, _HASHES)
_ROUNDS = ((8, 0x9E37), (16, 0x85EB), (32, 0xC2B3))  # how far apart what is joined lies, and an odd factor
_LAST_FACTOR = np.uint16(0x2C1B)

type Hashes = NDArray[np.uint64]

NO_HASHES: Hashes = np.empty(0, dtype=np.uint64)
NOT_LOOKED_FOR = "Shared runs of samples were not looked for: every record is drawn from random streams of its own."
type _Positions = NDArray[np.intp]


def fingerprints(samples: NDArray[np.float32]) -> Hashes:
    """Hashes of which records that share a run of `RUN_SAMPLES` samples have one in common, after any gain or offset.

    Args:
        samples: [channels, samples]; about one hash in 250 samples comes of it.
    """
    return fingerprints_by_record(samples, [(0, samples.shape[1])])[0]


def fingerprints_by_record(samples: NDArray[np.float32], records: Sequence[tuple[int, int]]) -> list[Hashes]:
    """Likewise of each record of a recording: a run that lies in several of them leaves its hashes in one at least.

    Args:
        samples: of the recording, [channels, samples].
        records: from which sample up to which each of them is.
    """
    kept = [_kept_patterns(channel) for channel in samples]
    return [
        _distinct([hashes[slice(*np.searchsorted(places, record))] for hashes, places in kept]) for record in records
    ]


def _distinct(of_channels: Sequence[Hashes]) -> Hashes:
    hashes = np.concatenate(of_channels)
    hashes.sort()
    first = np.ones(hashes.size, dtype=np.bool_)
    first[1:] = hashes[1:] != hashes[:-1]
    return hashes[first]


def share_a_run(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    """Whether two records share a run of `RUN_SAMPLES` samples, up to gain and offset. Shapes: [channels, samples].

    Of the patterns that both have, `_PATTERNS_TRIED` are tried.
    """
    ours, theirs = ([_kept_patterns(channel) for channel in record] for record in (one, other))
    met = [
        (a, b, *places)
        for a, (our_hashes, our_places) in enumerate(ours)
        for b, (their_hashes, their_places) in enumerate(theirs)
        for places in _met(our_hashes, our_places, their_hashes, their_places)
    ]
    # All patterns of one run lie at one distance from their copies; one alone may reach beyond the run, or hold a
    # sample that was altered.
    together = Counter((a, b, at - other_at) for a, b, at, other_at in met)
    likely = sorted(met, key=lambda pattern: -together[pattern[0], pattern[1], pattern[2] - pattern[3]])
    return any(_run_around(one[a], other[b], at, other_at) for a, b, at, other_at in likely[:_PATTERNS_TRIED])


def _met(ours: Hashes, our_places: _Positions, theirs: Hashes, their_places: _Positions) -> list[tuple[int, int]]:
    """Where patterns that two channels have begin in each; in the order of their hashes, so all over the channels."""
    _, ours_at, theirs_at = np.intersect1d(ours, theirs, return_indices=True)
    return list(zip(our_places[ours_at].tolist(), their_places[theirs_at].tolist(), strict=True))


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


def _kept_patterns(channel: NDArray[np.float32]) -> tuple[Hashes, _Positions]:
    """The hashes that are kept of one channel, [samples], and the samples where their patterns begin."""
    quarters, changes = _quarters_and_changes(channel)
    at = _where(quarters[: changes.size] >= _HASHES - _SELDOM[-1])
    at = at[changes[at] >= _FEWEST_CHANGES]
    kept = _kept(at, quarters, changes.size, _SELDOM)
    gaps = np.diff(np.concatenate([[-1], kept, [changes.size]]))
    if gaps.max() > _WINDOW:
        telling = np.flatnonzero(changes >= _FEWEST_CHANGES)
        kept = _kept(telling, quarters, changes.size, (*_SELDOM, *_OFTEN))
    hashes = np.zeros(kept.size, dtype=np.uint64)
    for quarter in range(0, _PATTERN, _QUARTER):
        hashes = (hashes << np.uint64(16)) | quarters[kept + quarter]
    return hashes, kept


def _kept(at: _Positions, quarters: NDArray[np.uint16], count: int, levels: tuple[int, ...]) -> _Positions:
    """Of the positions `at`, level after level: those in gaps that would hold a whole run."""
    hashes = quarters[at]
    chosen = np.zeros(at.size, dtype=np.bool_)
    for level in levels:
        edges = np.concatenate([[-1], at[chosen], [count]])
        before = np.cumsum(chosen)
        chosen |= (hashes >= _HASHES - level) & (edges[before + 1] - edges[before] > _WINDOW)
    return at[chosen]


def _quarters_and_changes(channel: NDArray[np.float32]) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
    """A hash of the `_QUARTER` turning points from each sample on, and how often turning and going on change in each
    pattern of `_PATTERN`: [samples - _QUARTER - 1] and [samples - _PATTERN - 1], empty where the channel is shorter.

    Each is put together from halves, so that 256 points take eight passes over bytes.
    """
    up, down = channel[1:] > channel[:-1], channel[1:] < channel[:-1]
    turns = up[1:] & down[:-1]
    turns |= down[1:] & up[:-1]  # a step of zero height turns nothing, whatever the sign of a gain
    if turns.size < _PATTERN:
        return np.empty(0, np.uint16), np.empty(0, np.uint8)
    eight = turns.view(np.uint8)
    for step in (1, 2, 4):
        eight = eight[:-step] + eight[step:] * np.uint8(1 << step)
    hashes = eight.astype(np.uint16)
    for step, factor in _ROUNDS:
        hashes = hashes[:-step] * np.uint16(factor) + hashes[step:]
        hashes ^= hashes >> np.uint16(7)
    hashes *= _LAST_FACTOR
    hashes ^= hashes >> np.uint16(9)
    changes = (turns[1:] ^ turns[:-1]).view(np.uint8)
    changes = np.concatenate([changes, np.zeros(1, np.uint8)])
    for step in (1, 2, 4, 8, 16, 32, 64, 128):
        changes = changes[:-step] + changes[step:]
    return hashes, changes


def _where(mask: NDArray[np.bool_]) -> _Positions:
    """As `flatnonzero`, three times as fast where few are true: words of eight that hold none are passed over."""
    whole = mask.size & ~7
    words = np.flatnonzero(mask[:whole].view(np.uint64).astype(np.bool_))
    within = np.flatnonzero(mask[:whole].reshape(-1, 8)[words])
    return np.concatenate([words[within >> 3] * 8 + (within & 7), whole + np.flatnonzero(mask[whole:])])
