"""Micro-batches: what accumulated while the last one ran. Nobody waits for one to fill up."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from babbitt.inference.domain.question import Question
from babbitt.inference.entrypoints.kafka_arrivals import Asked


def _nothing() -> None:
    """What is let go of samples that came with their message."""


@dataclass(frozen=True, slots=True, eq=False)
class Pending:
    """A question, and the request that it came with; `let_go` is called when it needs its samples no more."""

    asked: Asked
    question: Question
    let_go: Callable[[], None] = _nothing


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
        while self._pending:
            self._pending.popleft().let_go()
