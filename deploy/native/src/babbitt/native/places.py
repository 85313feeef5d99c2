"""Where things lie in the repository, and locks on them."""

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from babbitt.native.errors import NativeError


def repository() -> Path:
    """Return the root of the checkout this package is installed from.

    Raises:
        NativeError: the package was not installed from a checkout (`pip install -e`).
    """
    for folder in Path(__file__).resolve().parents:
        if (folder / "deploy" / "native" / "pom.xml").is_file():
            return folder
    raise NativeError("babbitt.native runs from a checkout of the repository: install it in editable mode")


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold an exclusive lock on the file `path`; who comes second waits. The kernel frees it when its holder dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
