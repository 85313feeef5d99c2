"""Random numbers: a stream for each (seed, record, layer), so that no draw depends on how work was divided."""

from enum import IntEnum

import numpy as np
from numpy.random import Generator, Philox


class Layer(IntEnum):
    """What draws. The numbers are part of the generator's version: a new layer gets a new one."""

    CONDITIONS = 0
    SEVERITY = 1
    TRANSIENT = 2
    BROADBAND = 3
    MAINS = 4
    WALK = 5
    ALIASING = 6
    IMPULSES = 7
    FAULT = 8

    ROLLING_MACHINE = 32
    ROLLING_RECORD = 33
    ROLLING_IMPACTS = 34
    ROLLING_BACKGROUND = 35


def stream(seed: int, record: int, layer: Layer) -> Generator:
    """The stream of one layer of one record.

    Philox is counter-based (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): seed and record are
    its key, the layer is the highest word of its counter, so streams never meet.
    """
    counter = np.array([0, 0, 0, layer], dtype=np.uint64)
    return Generator(Philox(counter=counter, key=np.array([seed, record], dtype=np.uint64)))
