"""Waiting for what was asked for: `Prefer: wait=N` holds the answer until it is done.

Any replica may be told of the change, so the row is looked at again; the looks become rarer.
"""

import asyncio
from collections.abc import Awaitable, Callable

FIRST_LOOK_S, LONGEST_LOOK_S = 0.05, 0.5


async def hold[T](look: Callable[[], Awaitable[T]], done: Callable[[T], bool], wait_s: float) -> T:
    """What `look` gives once it is `done`, or after `wait_s` seconds as it is."""
    loop = asyncio.get_running_loop()
    end, pause = loop.time() + wait_s, FIRST_LOOK_S
    while True:
        found = await look()
        left = end - loop.time()
        if done(found) or left <= 0:
            return found
        await asyncio.sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST_LOOK_S)
