"""Micro-batches: what accumulated while the last one ran. Nobody waits for one to fill up."""

import asyncio
from collections import deque
from dataclasses import dataclass

from babbitt.inference.adapters.kafka_arrivals import Asked
from babbitt.inference.domain.question import Question


@dataclass(frozen=True, slots=True, eq=False)
class Pending:
    """A question, and the request that it came with."""

    asked: Asked
    question: Question


class MicroBatches:
    """A queue that is emptied in batches of at most `limit`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pending: deque[Pending] = deque()
        self._some = asyncio.Event()

    def put(self, pending: Pending) -> None:
        """A question is ready to be answered."""
        self._pending.append(pending)
        self._some.set()

    async def take(self) -> list[Pending]:
        """All that is there, up to the limit; waits for the first."""
        while not self._pending:
            self._some.clear()
            await self._some.wait()
        return [self._pending.popleft() for _ in range(min(self._limit, len(self._pending)))]

    def clear(self) -> None:
        """Forget what nobody took."""
        self._pending.clear()
