"""Reading a file in a process of its own, which may crash, grow or hang without harm to this one."""

import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from babbitt.recordings.errors import RecordingUnreadable, VariableNotFound
from babbitt.recordings.readers.deadline import Deadline
from babbitt.recordings.readers.isolated import MAX_LINE_BYTES
from babbitt.recordings.readers.leaves import MAX_VALUES
from babbitt.recordings.readers.reader import Format, Variable

MEMORY_BYTES = 3 * 1024 * 1024 * 1024
"""Of address space, of which Python and the libraries take a third."""
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
_ENVIRONMENT = {
    "HDF5_PLUGIN_PRELOAD": "::",  # no filters but HDF5's own: a plug-in is code
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # the others reserve far more than they use
    "OPENBLAS_NUM_THREADS": "1",
}


@contextmanager
def isolated(path: Path, name: str, format_: Format, deadline: Deadline) -> Generator["IsolatedReader"]:
    """A reader in a process of its own, which ends with the context, and with the thread that began it.

    Args:
        path: where the file lies.
        name: what messages call it.
        format_: what it is.
        deadline: of all answers.

    Raises:
        RecordingUnreadable: damaged, out of bounds, or not read in time.
    """
    environment = _ENVIRONMENT | {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
    command = [sys.executable, "-P", "-m", "babbitt.recordings.readers.isolated"]
    with subprocess.Popen(  # noqa: S603 - what is run is this package's own
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        try:
            yield IsolatedReader(process, path, name, format_, deadline)
        finally:
            process.kill()


class IsolatedReader:
    """A `RecordingReader` that asks another process. How much it answers is checked again."""

    sampling_rate_hz = None

    def __init__(
        self, process: subprocess.Popen[bytes], path: Path, name: str, format_: Format, deadline: Deadline
    ) -> None:
        assert process.stdin
        assert process.stdout
        self.format: Format = format_
        self._process = process
        self._orders = process.stdin.fileno()  # without a buffer, which would fail once more when it is closed
        self._answers: IO[bytes] = process.stdout
        self._name = name
        self._deadline = deadline
        cpu_s = math.ceil(deadline.within_s) + 1
        order = {"path": str(path.absolute()), "name": name, "format": format_}
        said, _ = self._ask({**order, "memory_bytes": MEMORY_BYTES, "cpu_s": cpu_s})
        self._variables = [Variable(called, tuple(shape), holds) for called, shape, holds in said["variables"]]

    def variables(self) -> Sequence[Variable]:
        return self._variables

    def vector(self, variable: str) -> NDArray[np.float64]:
        return self._ask(["vector", variable])[1]

    def texts(self, variable: str, start: int = 0, stop: int | None = None) -> Sequence[str]:
        return self._ask(["texts", variable, start, stop])[0]["texts"]

    def rows(self, variable: str, start: int, stop: int) -> NDArray[np.float64]:
        return self._ask(["rows", variable, start, stop])[1]

    def _ask(self, call: object) -> tuple[dict[str, Any], NDArray[np.float64]]:
        """The answer, and the numbers that come with it."""
        self._deadline.check()
        timer = Timer(self._deadline.left_s, self._process.kill)
        timer.start()
        try:
            os.write(self._orders, json.dumps(call).encode() + b"\n")
            said: dict[str, Any] = json.loads(self._answers.readline(MAX_LINE_BYTES))
            numbers = self._numbers(said.get("shape", [0]))
        except (OSError, ValueError) as error:
            raise self._ended() from error
        finally:
            timer.cancel()
        if "not_found" in said:
            raise VariableNotFound(said["not_found"])
        if "unreadable" in said:
            raise RecordingUnreadable(said["unreadable"])
        return said, numbers

    def _numbers(self, shape: Sequence[int]) -> NDArray[np.float64]:
        if math.prod(shape) > MAX_VALUES:
            raise ValueError(f"numbers of shape {shape}")
        numbers = np.empty(shape)
        missing = memoryview(numbers.reshape(-1)).cast("B") if numbers.size else memoryview(b"")
        while missing:
            if not (read := self._answers.readinto(missing)):  # pyright: ignore[reportAttributeAccessIssue]
                raise ValueError("truncated")
            missing = missing[read:]
        return numbers

    def _ended(self) -> RecordingUnreadable:
        """It says nothing more: out of time, out of memory, or brought down."""
        self._process.kill()
        ended = -self._process.wait()
        if ended in {signal.SIGKILL, signal.SIGXCPU}:
            return RecordingUnreadable(
                f"{self._name}: reading it took over {self._deadline.within_s:g} s, or all memory"
            )
        how = signal.Signals(ended).name if ended in set(signal.Signals) else f"status {-ended}"
        return RecordingUnreadable(f"{self._name}: damaged: it ends the process that reads it ({how})")
