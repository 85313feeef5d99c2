"""Memory that runs out: how it is told, and a bound for a process that runs what others have made."""

import resource
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

FOREIGN_BYTES = 8 * 1024**3
"""What a file from elsewhere may take, beside twice the dataset."""


def is_of_memory(error: BaseException) -> bool:
    """Whether memory ran out: torch, cuBLAS and ONNX Runtime say so in words."""
    words = (
        *("out of memory", "not enough memory", "can't allocate memory", "failed to allocate memory"),
        *("alloc_failed", "bad_alloc"),
    )
    return isinstance(error, MemoryError) or any(word in str(error).lower() for word in words)


@contextmanager
def bounded(more_bytes: int) -> Generator[None]:
    """Within it this process is refused more than so many bytes beyond what it has by now; Linux alone.

    RLIMIT_DATA and not the address space: threads and drivers reserve far more of that than they ever use.
    """
    if sys.platform != "linux":
        yield
        return
    before, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = _data_bytes() + more_bytes
    known = [one for one in (wanted, before, hard) if one != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(known), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (before, hard))


def _data_bytes() -> int:
    """Writable memory of its own that this process has asked for, used or not."""
    return int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
