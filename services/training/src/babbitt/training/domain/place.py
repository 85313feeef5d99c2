"""How far a job has come."""

from typing import NamedTuple


class Place(NamedTuple):
    """A moment between two steps; later ones are greater.

    Attributes:
        run: the one that is under way, from 1.
        epoch: how many of its epochs are over.
        step: how many steps of the next epoch are, too.
    """

    run: int = 1
    epoch: int = 0
    step: int = 0


BEGINNING = Place()
