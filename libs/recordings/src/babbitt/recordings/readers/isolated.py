"""The process that reads a file for another one: `isolation.py` has the other end.

HDF5 and Arrow are C libraries that a damaged file may bring down, or make grow; this process may die of it. It takes a
line of JSON for each call and answers with one, followed by the numbers where there are some.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import astuple
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from babbitt.recordings.errors import RecordingUnreadable, VariableNotFound
from babbitt.recordings.readers.leaves import LeafReader

MODULES: Mapping[str, str] = {
    "hdf5": "babbitt.recordings.readers.hdf5",
    "matlab73": "babbitt.recordings.readers.matlab73",
    "npz": "babbitt.recordings.readers.numpy_archive",
    "parquet": "babbitt.recordings.readers.parquet",
}
"""What is read here: each has `leaves(path, name)`. Only the one needed is imported: that takes a while."""

MAX_LINE_BYTES = 64 * 1024 * 1024
"""Of an answer, without its numbers."""
_LONGEST_REASON = 300
_PR_SET_PDEATHSIG = 1
"""Of Linux: https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html."""

type Answer = tuple[dict[str, Any], NDArray[np.float64] | None]


def main() -> None:
    """Answer until nobody asks any more."""
    _end_with_parent()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    order = json.loads(sys.stdin.readline())
    server = _Server(order["name"])
    call: Callable[[], Answer] = partial(
        server.open, Path(order["path"]), order["format"], order["memory_bytes"], order["cpu_s"]
    )
    while True:
        said, numbers = server.tried(call)
        line = json.dumps(said if numbers is None else {"shape": numbers.shape}).encode() + b"\n"
        if len(line) > MAX_LINE_BYTES:
            more = f"{order['name']}: over {MAX_LINE_BYTES} bytes of text at once"
            line = json.dumps({"unreadable": more}).encode() + b"\n"
        answers.write(line)
        if numbers is not None:
            answers.write(np.ascontiguousarray(numbers).data)
        answers.flush()
        if not (line := sys.stdin.readline()):
            return
        called, *arguments = json.loads(line)
        call = partial(getattr(server, called), *arguments)


class _Server:
    """The calls there are: those of a `RecordingReader`, and `open` before them."""

    _reader: LeafReader

    def __init__(self, name: str) -> None:
        self._name = name

    def open(self, path: Path, format_: Any, memory_bytes: int, cpu_s: int) -> Answer:
        try:
            module = import_module(MODULES[format_])
        except ModuleNotFoundError as error:
            extra = f"pip install 'babbitt-recordings[{format_}]'"
            raise RecordingUnreadable(f"{self._name}: {format_} is read where {error.name} is: {extra}") from error
        _bound(memory_bytes, cpu_s)
        self._reader = LeafReader(self._name, format_, module.leaves(path, self._name))
        return {"variables": [astuple(variable) for variable in self._reader.variables()]}, None

    def vector(self, variable: str) -> Answer:
        return {}, self._reader.vector(variable)

    def texts(self, variable: str, start: int, stop: int | None) -> Answer:
        return {"texts": list(self._reader.texts(variable, start, stop))}, None

    def rows(self, variable: str, start: int, stop: int) -> Answer:
        return {}, self._reader.rows(variable, start, stop)

    def tried(self, call: Callable[[], Answer]) -> Answer:
        """The answer, or why there is none."""
        try:
            return call()
        except VariableNotFound as error:
            return {"not_found": str(error)}, None
        except RecordingUnreadable as error:
            return {"unreadable": str(error)}, None
        except MemoryError:
            return {"unreadable": f"{self._name}: takes more memory than a file may"}, None
        except Exception as error:  # noqa: BLE001 - the process's edge: on damage the libraries raise anything
            return {"unreadable": f"{self._name}: damaged: {str(error)[:_LONGEST_REASON]}"}, None


def _end_with_parent() -> None:
    """Also where it is killed while this process is busy and does not see that nobody asks any more."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _bound(memory_bytes: int, cpu_s: int) -> None:
    """More memory is refused, more time ends it, nothing is written, and a crash leaves no core."""
    wanted = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for limit, most in wanted.items():
        _, hard = resource.getrlimit(limit)
        if hard == resource.RLIM_INFINITY or most < hard:
            resource.setrlimit(limit, (most, most))


if __name__ == "__main__":
    main()
