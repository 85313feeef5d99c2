"""Uploads that nobody used for long go: what was made of them stays, and a file can be sent again."""

from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from babbitt.chassis.clock import Clock, utc_now
from babbitt.chassis.logs import logger
from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.names import UPLOADS

_LOG = logger(__name__)

UPLOADS_EVERY_S = 6 * 3600.0


async def sweep_uploads(
    objects: ObjectStore,
    naming: Sequence[Callable[[datetime], Awaitable[AbstractSet[str] | None]]],
    kept_days: int,
    *,
    now: Clock = utc_now,
) -> None:
    """Remove the uploads that were not sent for so long and that nothing names.

    Args:
        objects: the store.
        naming: each gives digests that are named by what is being made, or was heard of since a moment; None: nobody
            knows.
        kept_days: how long is long.
        now: the clock.
    """
    since = now() - timedelta(days=kept_days)
    old = await objects.older(UPLOADS, since)
    if not old:
        return
    needed: set[str] = set()
    for named in naming:
        digests = await named(since)
        if digests is None:
            return
        needed |= digests
    unused = [key for key in old if key.rpartition("/")[2] not in needed]
    for key in unused:
        await objects.delete(key)
    if unused:
        _LOG.info("uploads removed", count=len(unused))
