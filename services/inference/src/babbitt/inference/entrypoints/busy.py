"""What has begun and not ended."""

import asyncio
from types import TracebackType


class Busy:
    """Counts what runs: `with busy:` around each; `idle` waits until nothing does."""

    def __init__(self) -> None:
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def __enter__(self) -> None:
        self._running += 1
        self._idle.clear()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._running -= 1
        if self._running == 0:
            self._idle.set()

    async def idle(self) -> None:
        """Wait until nothing runs."""
        await self._idle.wait()
