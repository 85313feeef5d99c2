"""Which process a process id means: the id alone may have been given to another one since."""

import sys
from pathlib import Path

import psutil

_STATE, _THREADS, _STARTED = 0, 17, 19  # after the name, in /proc/PID/stat


def identity(pid: int) -> str | None:
    """Return what tells the process `pid` from a later one with the same id; None if it has ended.

    On Linux it is the start time in ticks since boot, which a corrected clock leaves as it is. A zombie has ended,
    unless threads of it still run: they hold its ports.
    """
    if sys.platform == "linux":
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        ended = fields[_STATE] in "ZX" and int(fields[_THREADS]) <= 1
        return None if ended else fields[_STARTED]
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else str(process.create_time())
    except psutil.NoSuchProcess:
        return None
