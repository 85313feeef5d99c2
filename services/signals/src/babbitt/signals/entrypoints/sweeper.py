"""Looks from time to time for what is not needed any more and for what can never be whole."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.chassis.errors import Unavailable
from babbitt.chassis.logs import logger
from babbitt.signals.application.fail_stalled import FailStalled

_LOG = logger(__name__)


class Sweeper:
    """Runs two use cases, the first in a transaction; the second opens its own."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        fail_stalled: Callable[[AsyncSession], FailStalled],
        collect: Callable[[], Awaitable[int]],
    ) -> None:
        self._sessions = sessions
        self._fail_stalled = fail_stalled
        self._collect = collect

    async def run(self, interval_s: float) -> None:
        """Sweep at once and then at the interval, for ever; what is away is left for the next time."""
        while True:
            try:
                await self.sweep()
            except Unavailable as error:
                _LOG.info("swept later", reason=str(error))
            await asyncio.sleep(interval_s)

    async def sweep(self) -> None:
        """Sweep once.

        Raises:
            Unavailable: database or object store are away.
        """
        async with transaction(self._sessions) as session:
            failed = await self._fail_stalled(session)()
        collected = await self._collect()
        if failed or collected:
            _LOG.info("swept", failed=failed, collected=collected)
