"""A thread for what would block the event loop.

A thread and not a process: NumPy, zlib and HDF5 let go of the interpreter while they work, and a thread ends with its
process. One at a time: a replica makes one shard at a time, more work is more replicas. So matrix products take one
thread, too: threads of several replicas would only wait for each other.

A thread cannot be ended. Who waits for one may give up; until the function has come to its end nothing else begins,
so that nobody waits in a queue of unknown length.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from threadpoolctl import threadpool_limits

from babbitt.chassis.errors import Unavailable


class Worker:
    """`await worker(function, *arguments)`; use as a context manager."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="work")
        self._one_thread = threadpool_limits(1, user_api="blas")
        self._given_up: Future[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._one_thread.restore_original_limits()

    async def __call__[**P, R](self, function: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        """What `function` returns or raises.

        Raises:
            Unavailable: the thread is still busy with what somebody gave up.
        """
        if self._given_up and not self._given_up.done():
            raise Unavailable("worker", "it is still busy with what took too long")
        work = self._pool.submit(function, *arguments, **named)
        try:
            return await asyncio.wrap_future(work)
        except asyncio.CancelledError:
            if not work.cancel():
                self._given_up = work
            raise
