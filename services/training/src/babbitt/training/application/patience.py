"""Waiting for what is away: it is tried again for as long as it lasts."""

import asyncio
from collections.abc import Awaitable, Callable

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.logs import logger

_LOG = logger(__name__)

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0


async def patiently[T](call: Callable[[], Awaitable[T]]) -> T:
    """What `call` returns, once it does not raise Unavailable."""
    pause_s = FIRST_PAUSE_S
    while True:
        try:
            return await call()
        except Unavailable as error:
            _LOG.warning("waiting", reason=str(error))
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
