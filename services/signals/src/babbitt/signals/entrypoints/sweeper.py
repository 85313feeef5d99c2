"""Looks from time to time for what is not needed any more and for what can never be whole."""

import asyncio
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.clock import Clock
from babbitt.chassis.database import transaction
from babbitt.chassis.errors import Unavailable
from babbitt.chassis.logs import logger
from babbitt.chassis.outbox import Outbox
from babbitt.signals.adapters.postgres import PostgresDatasets
from babbitt.signals.application.collect_objects import CollectObjects
from babbitt.signals.application.fail_stalled import FailStalled
from babbitt.signals.application.ports import Shards
from babbitt.signals.entrypoints.consumers import SOURCE
from babbitt.signals.settings import SignalsSettings

_LOG = logger(__name__)


async def sweep_for_ever(
    settings: SignalsSettings, sessions: async_sessionmaker[AsyncSession], shards: Shards, now: Clock
) -> None:
    """Sweep at once and then at the interval of the settings; what is away is left for the next time."""
    while True:
        try:
            await sweep(settings, sessions, shards, now)
        except Unavailable as error:
            _LOG.info("swept later", reason=str(error))
        await asyncio.sleep(settings.sweep_interval_s)


async def sweep(
    settings: SignalsSettings, sessions: async_sessionmaker[AsyncSession], shards: Shards, now: Clock
) -> None:
    """Sweep once.

    Raises:
        Unavailable: database or object store are away.
    """
    async with transaction(sessions) as session:
        after = timedelta(hours=settings.stalled_after_hours)
        failed = await FailStalled(PostgresDatasets(session), Outbox(session, SOURCE), now, after)()
    async with transaction(sessions) as session:
        kept = timedelta(hours=settings.keep_deleted_hours)
        collected = await CollectObjects(PostgresDatasets(session), shards, now, kept)()
    if failed or collected:
        _LOG.info("swept", failed=failed, collected=collected)
