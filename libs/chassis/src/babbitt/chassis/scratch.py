"""A private folder for large files, which does not outlive its process by long, however that ends."""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

PREFIX = "babbitt-scratch-"
MARKER = ".babbitt-scratch"
"""A file in each: the parent may be the system's temporary folder, where other programs choose names as they like."""


class ScratchFolder:
    """A folder of this process alone, removed with the context; those of processes that were killed at its beginning.

    Args:
        parent: where it is made, once it is asked for.
    """

    def __init__(self, parent: Path) -> None:
        self.parent = parent
        self._made: tuple[Path, int] | None = None

    def __enter__(self) -> Self:
        with suppress(OSError):  # it is told when there is something to be written
            for other in self.parent.glob(f"{PREFIX}*"):
                _remove_abandoned(other)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._made:
            path, lock = self._made
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)
            self._made = None

    def made(self) -> Path:
        """The folder, made anew where somebody removed it.

        Raises:
            OSError: it cannot be made.
        """
        if self._made:
            path, lock = self._made
            if path.is_dir():
                return path
            self._made = None
            os.close(lock)
        path = Path(tempfile.mkdtemp(dir=self.parent, prefix=PREFIX))
        self._made = path, _locked(path)
        (path / MARKER).touch()  # last: what has one and no lock is abandoned
        return path


def _remove_abandoned(folder: Path) -> None:
    with suppress(OSError):  # it is none of ours, or locked
        if (folder / MARKER).lstat().st_uid == os.geteuid():
            lock = _locked(folder)
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _locked(folder: Path) -> int:
    """A descriptor with a lock on the folder, which ends with the process. Raises BlockingIOError: another has it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
