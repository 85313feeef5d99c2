"""A disk without room, for tests: the kernel refuses to let files grow, as it does on one that is full."""

import resource
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def full_disk(size_bytes: int) -> Generator[None]:
    """No file of this process grows beyond `size_bytes` meanwhile."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
