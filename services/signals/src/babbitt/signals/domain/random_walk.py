"""A random walk, drawn fast."""

import numpy as np
from numpy.random import Generator

from babbitt.signals.domain.time_base import FloatSamples

_WORD = 8  # steps in a word of 64 bits, a byte each
_BLOCK = _WORD * _WORD
_STEPS = 16  # values that a step may have: eight of them never fill a byte
_LOW_HALVES = np.uint64(0x0F0F_0F0F_0F0F_0F0F)
_SUM_BYTES = np.uint64(0x0101_0101_0101_0101)
_MEAN_STEP = (_STEPS - 1) / 2


class RandomWalk:
    """Walks of one length, drawn again and again into the same memory.

    Its steps are uniform on 16 values and not Gaussian: scaled to one standard deviation, a walk of many steps has the
    same law whatever theirs is (Donsker, "An invariance principle for certain probability limit theorems", 1951). Eight
    are summed by one multiplication of integers, whose bytes are then the sums; where each eight begin is added by a
    small matrix product. That takes half the time of a sum from end to end.

    Args:
        samples: how many are drawn at once.
    """

    def __init__(self, samples: int) -> None:
        blocks = 2 * -(-samples // (2 * _BLOCK))
        self._samples = samples
        self._words = np.empty((2, blocks * _WORD // 2), np.uint64)
        self._sums = np.empty((blocks, _BLOCK), np.float32)
        self._walk = np.empty((blocks, _BLOCK), np.float32)
        # A block's words' rises, where the block begins, and 1; and what each of them adds to each of its steps.
        self._parts = np.ones((blocks, _WORD + 2), np.float32)
        earlier_words = np.kron(np.triu(np.ones((_WORD, _WORD)), 1), np.ones(_WORD))
        centring = np.tile(-_MEAN_STEP * np.arange(1, _WORD + 1), _WORD)
        self._effects = np.vstack([earlier_words, np.ones(_BLOCK), centring]).astype(np.float32)
        self._ones = np.ones(samples, np.float32)

    def draw(self, rng: Generator, sigma: float) -> FloatSamples:
        """The walk, of standard deviation `sigma` over its own length: [samples]. Overwritten by the next draw."""
        bits = rng.bit_generator.random_raw(self._words.shape[1])
        words, sums, walk = self._words, self._sums, self._walk
        np.bitwise_and(bits, _LOW_HALVES, out=words[0])
        np.right_shift(bits, np.uint64(4), out=words[1])
        words[1] &= _LOW_HALVES
        words *= _SUM_BYTES
        np.copyto(sums.reshape(-1), words.reshape(-1).view(np.uint8))
        rises = self._parts[:, :_WORD]
        np.subtract(sums[:, _WORD - 1 :: _WORD], np.float32(_WORD * _MEAN_STEP), out=rises)
        blocks_rise = rises @ np.ones(_WORD, np.float32)
        self._parts[:, _WORD] = np.cumsum(blocks_rise) - blocks_rise
        np.matmul(self._parts, self._effects, out=walk)
        walk += sums
        drawn = walk.reshape(-1)[: self._samples]
        mean = np.dot(drawn, self._ones) / drawn.size
        spread = np.sqrt(np.dot(drawn, drawn) / drawn.size - mean**2)
        drawn *= np.float32(sigma / spread)
        return drawn
