"""Publish what a fleet measures, at the pace of its own time."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from babbitt.signals.application.ports import Worker
from babbitt.signals.domain.fleet.fleet import FleetMeasurement

IN_FLIGHT = 64
"""So many measurements are on their way to the broker at most; then the oldest is waited for."""


type Watch = Callable[[FleetMeasurement], None]
"""Is told of each measurement that the broker has."""


class Measurements(Protocol):
    """Where measurements go."""

    async def send(self, measurement: FleetMeasurement) -> Awaitable[object]:
        """Send it, after those sent before; what it returns ends when the broker has it.

        Raises:
            Unavailable: the broker does not take it.
        """
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """When to publish, and when to end.

    Attributes:
        speed_up: seconds of the fleet's time in one of ours.
        duration_s: of the fleet's time; None: no end.
        count: measurements; None: no end.
    """

    speed_up: float = 1.0
    duration_s: float | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """How many there were, and how far publishing was behind at the end, in seconds of ours."""

    measurements: int
    behind_s: float


@dataclass(frozen=True, slots=True)
class SimulateFleet:
    """Runs to the end of its pace, or until it is stopped; what it has sent is then with the broker."""

    measurements: Measurements
    worker: Worker
    seconds: Callable[[], float]
    watch: Watch

    async def __call__(self, made: Iterator[FleetMeasurement], pace: Pace, stop: asyncio.Event) -> Published:
        """Publish each measurement when its last sample was taken, or at once where that has passed.

        Raises:
            Unavailable: the broker does not take them.
        """
        begun, sent, behind_s = self.seconds(), 0, 0.0
        on_the_way: deque[tuple[FleetMeasurement, Awaitable[object]]] = deque()
        while not stop.is_set() and (pace.count is None or sent < pace.count):
            measurement = await self.worker(next, made)
            if pace.duration_s is not None and measurement.at_s >= pace.duration_s:
                break
            behind_s = self.seconds() - begun - measurement.said_at_s / pace.speed_up
            if behind_s < 0 and await _stopped_within(stop, -behind_s):
                break
            on_the_way.append((measurement, await self.measurements.send(measurement)))
            sent += 1
            while len(on_the_way) > IN_FLIGHT or (on_the_way and behind_s < 0):
                await self._taken(*on_the_way.popleft())
        while on_the_way:
            await self._taken(*on_the_way.popleft())
        return Published(sent, max(0.0, behind_s))

    async def _taken(self, measurement: FleetMeasurement, taken: Awaitable[object]) -> None:
        await taken
        self.watch(measurement)


async def _stopped_within(stop: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return False
    return True
