"""What a machine of the fleet sounds like."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from babbitt.signals.domain.fleet.operation import Operation
from babbitt.signals.domain.streams import Streams
from babbitt.signals.domain.time_base import TimeBase


@dataclass(frozen=True, slots=True)
class Sound:
    """What a sensor measures: [channels, samples], and the shaft's speed meanwhile."""

    samples: NDArray[np.float32]
    shaft_speed_hz: float


class Sounds(Protocol):
    """Makes the signals of machines by number."""

    @property
    def faults(self) -> tuple[str, ...]:
        """Labels of what may go wrong."""
        ...

    @property
    def healthy(self) -> str:
        """Label of a machine with which nothing is wrong."""
        ...

    @property
    def unit(self) -> str:
        """Of the samples."""
        ...

    @property
    def time(self) -> TimeBase:
        """The instants of one measurement."""
        ...

    def sound(self, machine: int, operation: Operation, fault: str, severity: float, streams: Streams) -> Sound:
        """A measurement; `severity` is from 0.2 to 1 where there is a fault."""
        ...
