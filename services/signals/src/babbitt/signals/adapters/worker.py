"""A thread for what would block the event loop.

A thread and not a process: NumPy, zlib and HDF5 let go of the interpreter while they work, and a thread ends with its
process. One at a time: a replica makes one shard at a time, more work is more replicas. So matrix products take one
thread, too: threads of several replicas would only wait for each other.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from threadpoolctl import threadpool_limits


class Worker:
    """`await worker(function, *arguments)`; use as a context manager."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="work")
        self._one_thread = threadpool_limits(1, user_api="blas")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._one_thread.restore_original_limits()

    async def __call__[**P, R](self, function: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        """What `function` returns or raises."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: function(*arguments, **named))
