"""A private folder for large files, which does not outlive its process by long, however that ends."""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX = "uploads-"


class ScratchFolder:
    """A folder of this process alone. Those of processes that were killed are removed when the next one is made.

    Args:
        parent: where it is made.

    Raises:
        OSError: it cannot be made.
    """

    def __init__(self, parent: Path) -> None:
        for other in parent.glob(f"{PREFIX}*"):
            with suppress(OSError):  # another one's: it is locked, or not ours to remove
                descriptor = _locked(other)
                shutil.rmtree(other, ignore_errors=True)
                os.close(descriptor)
        self.path = Path(tempfile.mkdtemp(dir=parent, prefix=PREFIX))
        self._descriptor = _locked(self.path)

    def remove(self) -> None:
        """Remove it with all that it holds."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._descriptor)


def _locked(folder: Path) -> int:
    """A descriptor with a lock on the folder, which ends with the process. Raises BlockingIOError: another has it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
