"""Random streams of fleets: none of them is a dataset's of the same seed.

Else a fleet would measure what the models that are to diagnose it were trained on.
"""

from numpy.random import Generator

from babbitt.signals.domain.streams import Layer, stream

FLEET_PART = 2**31
"""Of every layer. Datasets draw from parts by small numbers."""


def fleet_stream(seed: int, number: int, layer: Layer) -> Generator:
    """The stream of one layer of one measurement or machine."""
    return stream(seed, number, layer, FLEET_PART)
