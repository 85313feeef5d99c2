"""Looks from time to time for jobs whose dataset does not come."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.chassis.errors import Unavailable
from babbitt.chassis.logs import logger
from babbitt.training.adapters.postgres_datasets import PostgresCancellations
from babbitt.training.adapters.postgres_jobs import PostgresJobs
from babbitt.training.adapters.speaking import answering
from babbitt.training.application.fail_waiting import FailWaiting

_LOG = logger(__name__)

EVERY_S = 5.0


async def sweep_for_ever(sessions: async_sessionmaker[AsyncSession], *, longest_wait_s: float) -> None:
    """Sweep again and again; what is away is left for the next time."""
    while True:
        try:
            async with transaction(sessions) as session:
                failed = await FailWaiting(PostgresJobs(session), answering(session), longest_wait_s)()
                await PostgresCancellations(session).forget_old()
        except Unavailable as error:
            _LOG.info("swept later", reason=str(error))
        else:
            if failed:
                _LOG.info("jobs waited too long for their dataset", jobs=failed)
        await asyncio.sleep(min(EVERY_S, longest_wait_s))
