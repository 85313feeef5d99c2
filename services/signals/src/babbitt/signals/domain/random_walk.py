"""A random walk, drawn fast."""

import numpy as np
from numpy.random import Generator

from babbitt.signals.domain.time_base import FloatSamples

_BLOCK = 64
_SUMS = np.triu(np.ones((_BLOCK, _BLOCK), np.float32))
_STEPS_A_WORD = 8
_ODD = np.uint64(0x0101_0101_0101_0101)


class RandomWalk:
    """Walks of one length, drawn again and again into the same memory.

    Its steps are uniform on the odd numbers from -127 to 127 and not Gaussian: scaled to one standard deviation, a walk
    of many steps has the same law whatever theirs is (Donsker, "An invariance principle for certain probability limit
    theorems", 1951). They are summed in blocks by one matrix product, which takes a third of the time of a sum from end
    to end.

    Args:
        samples: how many are drawn at once.
    """

    def __init__(self, samples: int) -> None:
        blocks = -(-samples // _BLOCK)
        self._samples = samples
        self._steps = np.empty((blocks, _BLOCK), np.float32)
        self._walk = np.empty((blocks, _BLOCK), np.float32)
        self._ones = np.ones(samples, np.float32)

    def draw(self, rng: Generator, sigma: float) -> FloatSamples:
        """The walk, of standard deviation `sigma` over its own length: [samples]. Overwritten by the next draw."""
        steps, walk = self._steps, self._walk
        bits = rng.bit_generator.random_raw(steps.size // _STEPS_A_WORD)
        bits |= _ODD
        np.copyto(steps.reshape(-1), bits.view(np.int8))
        np.matmul(steps, _SUMS, out=walk)
        walk[1:] += np.cumsum(walk[:-1, -1])[:, np.newaxis]
        drawn = walk.reshape(-1)[: self._samples]
        mean = np.dot(drawn, self._ones) / drawn.size
        spread = np.sqrt(np.dot(drawn, drawn) / drawn.size - mean**2)
        drawn *= np.float32(sigma / spread)
        return drawn
