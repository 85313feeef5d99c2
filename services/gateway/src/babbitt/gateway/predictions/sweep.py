"""What the gateway forgets: predictions whose time is over, old answers, and claims that nobody will ask for again."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.clock import Clock, utc_now
from babbitt.chassis.database import transaction
from babbitt.chassis.errors import Unavailable
from babbitt.chassis.logs import logger
from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.names import CLAIMS
from babbitt.contracts.topics import PREDICTIONS_REQUESTS
from babbitt.gateway.predictions.queries import expire, forget

_LOG = logger(__name__)

LOG_EVERY_S, CLAIMS_EVERY_S = 5.0, 3600.0
CLAIMS_KEPT = timedelta(milliseconds=PREDICTIONS_REQUESTS.retention_ms or 0, days=1)
"""A day longer than the topic: a request that is read late finds its samples."""


async def sweep_log(sessions: async_sessionmaker[AsyncSession], kept_days: int) -> None:
    """Expire what nobody answered, forget what is old."""
    async with transaction(sessions) as session:
        expired = await expire(session)
        await forget(session, kept_days)
    if expired:
        _LOG.info("predictions expired", count=expired)


async def sweep_claims(objects: ObjectStore, *, now: Clock = utc_now) -> None:
    """Remove the samples that no request names any more."""
    removed = await objects.delete_older(CLAIMS, now() - CLAIMS_KEPT)
    if removed:
        _LOG.info("claims removed", count=removed)


async def sweeping(sweep: Callable[[], Awaitable[None]], every_s: float) -> None:
    """Sweep for ever; while what it needs is away, later."""
    while True:
        try:
            await sweep()
        except Unavailable as error:
            _LOG.info("swept later", reason=str(error))
        await asyncio.sleep(every_s)
