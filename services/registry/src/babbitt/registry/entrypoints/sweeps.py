"""What the registry does unasked: retention once a day, collection once an hour."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.chassis.errors import Unavailable
from babbitt.chassis.logs import logger
from babbitt.chassis.outbox import Outbox
from babbitt.registry.application.apply_retention import ApplyRetention
from babbitt.registry.application.ports import Models
from babbitt.registry.entrypoints.consumers import SOURCE, UseCase

_LOG = logger(__name__)

RETENTION_EVERY_S = 86_400.0
COLLECTION_EVERY_S = 3_600.0


@dataclass(frozen=True, slots=True)
class RetentionSweep:
    """Retires what the policies do not keep, each model in a transaction of its own.

    Attributes:
        caught_up: waits until all is known that training has said: what a job needs may still lie on the topic, above
            all at a start.
    """

    caught_up: Callable[[], Awaitable[None]]
    sessions: async_sessionmaker[AsyncSession]
    models: Callable[[AsyncSession], Models]
    retain: UseCase[ApplyRetention]

    async def __call__(self) -> int:
        """How many versions were retired.

        Raises:
            Unavailable: database or broker are away.
        """
        await self.caught_up()
        async with transaction(self.sessions) as session:
            names = await self.models(session).names()
        retired = 0
        for name in names:
            async with transaction(self.sessions) as session:
                retired += await self.retain(session, Outbox(session, SOURCE)).sweep(name)
        return retired


async def sweeping(what: str, sweep: Callable[[], Awaitable[int]], every_s: float) -> None:
    """Sweep at once and then every so often, until cancelled; what is away is swept the next time."""
    while True:
        try:
            swept = await sweep()
        except Unavailable as error:
            _LOG.info("swept later", what=what, reason=str(error))
        else:
            if swept:
                _LOG.info("swept", what=what, count=swept)
        await asyncio.sleep(every_s)
