"""Looks from time to time for jobs whose dataset does not come, and for what ended jobs have left."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.chassis.errors import Unavailable
from babbitt.chassis.logs import logger
from babbitt.training.application.fail_waiting import FailWaiting
from babbitt.training.application.ports import Cancellations

_LOG = logger(__name__)


async def sweep_for_ever(
    sessions: async_sessionmaker[AsyncSession],
    fail_waiting: Callable[[AsyncSession], FailWaiting],
    cancellations: Callable[[AsyncSession], Cancellations],
    collect_checkpoints: Callable[[], Awaitable[int]],
    *,
    every_s: float,
) -> None:
    """Sweep again and again; what is away is left for the next time."""
    while True:
        try:
            async with transaction(sessions) as session:
                failed = await fail_waiting(session)()
                await cancellations(session).forget_old()
            if failed:
                _LOG.info("jobs waited too long for their dataset", jobs=failed)
            await collect_checkpoints()
        except Unavailable as error:
            _LOG.info("swept later", reason=str(error))
        await asyncio.sleep(every_s)
