"""Ties the life of processes to this one's, however it dies.

A pipe to a watching process, not a parent-death signal of the kernel: that signal follows the thread that made the
child, not the process, and it needs code between fork and exec, which threads make unsafe.
"""

import atexit
import os
import signal
import subprocess
import sys
import threading

from babbitt.native.identity import identity

_lock = threading.Lock()
_watchers: dict[int, "subprocess.Popen[bytes]"] = {}


def end_with_me(pid: int, number: signal.Signals) -> None:
    """Have the process `pid` receive the signal `number` when this process ends, even by SIGKILL."""
    started = identity(pid)
    if started is None:
        return
    with _lock:
        pipe = _watcher().stdin
        assert pipe is not None
        pipe.write(f"{pid} {started} {int(number)}\n".encode())
        pipe.flush()


def _watcher() -> "subprocess.Popen[bytes]":
    """Return this process's watcher, started on first use (a forked process gets one of its own)."""
    me = os.getpid()
    if me not in _watchers:
        _watchers.clear()
        _watchers[me] = watcher = subprocess.Popen(
            [sys.executable, "-m", "babbitt.native.watcher"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        atexit.register(watcher.__exit__, None, None, None)  # closes the pipe and collects it
    return _watchers[me]
