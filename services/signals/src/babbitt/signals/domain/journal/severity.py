"""How far a fault has gone: a level for each record, and how it grows within one."""

from dataclasses import dataclass
from enum import Enum
from typing import Self

from numpy.random import Generator

GROWTH_PROBABILITY = 0.30
GROWTH = 0.3


class SeverityLevel(Enum):
    """A level and the range its factor is drawn from."""

    INCIPIENT = (0.20, 0.45)
    MILD = (0.45, 0.70)
    MODERATE = (0.70, 0.90)
    SEVERE = (0.90, 1.00)

    @property
    def label(self) -> str:
        """What a manifest calls it."""
        return self.name.lower()


LEVELS = tuple(SeverityLevel)


def level_of(index: int) -> SeverityLevel:
    """The level of the `index`-th record of a class: all in turn. Healthy records have one too, for equal strata."""
    return LEVELS[index % len(LEVELS)]


@dataclass(frozen=True, slots=True)
class Severity:
    """The factor s(t), in (0, 1]: a straight line over the record from `start` to `end`, which are mostly the same."""

    start: float
    end: float

    @classmethod
    def draw(cls, rng: Generator, level: SeverityLevel) -> Self:
        """Uniform in the level's range; in three records of ten it grows."""
        start = float(rng.uniform(*level.value))
        grows = rng.random() < GROWTH_PROBABILITY
        return cls(start, min(1.0, start + GROWTH) if grows else start)

    @property
    def mean(self) -> float:
        """Over the record."""
        return (self.start + self.end) / 2
