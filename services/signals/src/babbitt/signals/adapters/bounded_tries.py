"""How often what a store or a disk does not take is tried, before it ends the making of a dataset."""

import asyncio
from collections.abc import Callable
from functools import wraps
from types import CoroutineType
from typing import Any

from babbitt.chassis.errors import StorageRefused
from babbitt.signals.errors import MakingFailed

PAUSES_S = (0.5, 2.0)
"""Between three tries: another replica's shard may leave the disk meanwhile, a policy be on its way."""


def ends_the_making[**P, R](
    attempt: Callable[P, "CoroutineType[Any, Any, R]"],
) -> Callable[P, "CoroutineType[Any, Any, R]"]:
    """`attempt`, which must be safe to be repeated: a store that is there and takes nothing is asked three times.

    A store that is away stays `Unavailable`, which is tried for as long as it lasts.

    Raises:
        MakingFailed: it still takes nothing; another try would most likely say the same.
    """

    @wraps(attempt)
    async def attempts(*arguments: P.args, **named: P.kwargs) -> R:
        for pause_s in PAUSES_S:
            try:
                return await attempt(*arguments, **named)
            except StorageRefused:
                await asyncio.sleep(pause_s)
        try:
            return await attempt(*arguments, **named)
        except StorageRefused as error:
            raise MakingFailed(str(error)) from error

    return attempts
