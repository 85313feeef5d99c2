"""Waiting for something with a deadline, from synchronous code that may itself run under an event loop."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor

_INTERVAL_S = 0.02


def wait_until(condition: Callable[[], bool], *, deadline_s: float) -> bool:
    """Ask `condition` again and again until it holds; False when `deadline_s` seconds pass first."""
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() >= end:
            return False
        time.sleep(_INTERVAL_S)
    return True


def complete[T](coroutine: Coroutine[object, object, T]) -> T:
    """Run `coroutine` to its end on a loop and thread of its own, so that a running loop does not matter."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, coroutine).result()
