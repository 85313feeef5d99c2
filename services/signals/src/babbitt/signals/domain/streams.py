"""Random numbers: a stream for each (seed, record, layer), so that no draw depends on how work was divided."""

from collections.abc import Callable
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
    AXIAL = 9
    SPEED = 10
    NOISY_COPY = 11

    ROLLING_MACHINE = 32
    ROLLING_RECORD = 33
    ROLLING_IMPACTS = 34
    ROLLING_BACKGROUND = 35

    FLEET = 48
    FLEET_MACHINE = 49
    FLEET_SENSOR = 50


type Streams = Callable[[Layer], Generator]
"""The stream of a layer, of one record."""


def stream(seed: int, record: int, layer: Layer, part: int = 0) -> Generator:
    """The stream of one layer of one record, or of a part of it.

    Philox is counter-based (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): seed and record are
    its key, layer and part the highest words of its counter, so streams never meet.
    """
    counter = np.array([0, 0, part, layer], dtype=np.uint64)
    return Generator(Philox(counter=counter, key=np.array([seed, record], dtype=np.uint64)))


class StreamBank:
    """The same streams for one record after another: to set a generator anew takes a tenth of making one.

    Args:
        seed: of the dataset.
    """

    def __init__(self, seed: int) -> None:
        self._generators = {layer: stream(seed, 0, layer) for layer in Layer}
        self._states = {layer: generator.bit_generator.state for layer, generator in self._generators.items()}

    def of(self, record: int) -> Streams:
        """The streams of a record. Those of the record before are at an end."""

        def begun(layer: Layer) -> Generator:
            generator, state = self._generators[layer], self._states[layer]
            state["state"]["key"][1] = record
            generator.bit_generator.state = state
            return generator

        return begun
