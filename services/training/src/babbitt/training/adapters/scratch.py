"""Folders of attempts on the local disk, and what is left of attempts whose process was killed."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

LOCK = ".lock"
PREFIX = "job-"
YOUNG_S = 60.0
"""A folder this young may not have its lock yet."""


@contextmanager
def attempt_folder(scratch: Path, name: str) -> Generator[Path]:
    """A folder under `scratch`, locked while the context is open and removed when it closes.

    Raises:
        OSError: the disk is full or not writable.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    remove_abandoned(scratch)
    folder = Path(tempfile.mkdtemp(dir=scratch, prefix=f"{PREFIX}{name}-"))
    try:
        with (folder / LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(scratch: Path) -> None:
    """Remove the folders whose owner is no more: a lock ends with its process, however that ends."""
    for folder in scratch.glob(f"{PREFIX}*"):
        if _abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _abandoned(folder: Path) -> bool:
    try:
        if time.time() - folder.stat().st_mtime < YOUNG_S:
            return False
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
