"""What the prediction log forgets: pending predictions whose time is over, and old answers."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.chassis.errors import Unavailable
from babbitt.chassis.logs import logger
from babbitt.gateway.predictions.queries import expire, forget

_LOG = logger(__name__)

EVERY_S = 5.0


async def sweep_log(sessions: async_sessionmaker[AsyncSession], kept_days: int, *, every_s: float = EVERY_S) -> None:
    """Sweep for ever; while the database is away, later."""
    while True:
        try:
            async with transaction(sessions) as session:
                expired = await expire(session)
                await forget(session, kept_days)
            if expired:
                _LOG.info("predictions expired", count=expired)
        except Unavailable as error:
            _LOG.info("the prediction log is swept later", reason=str(error))
        await asyncio.sleep(every_s)
