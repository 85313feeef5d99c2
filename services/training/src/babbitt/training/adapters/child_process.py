"""Fits as child processes: `python -m babbitt.training fit`, which ends when the pipe to this process closes."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from signal import SIGKILL

from babbitt.chassis.devices import VISIBLE
from babbitt.chassis.logs import logger
from babbitt.contracts.training import JobKind
from babbitt.training.fitting.layout import BASES, DATA, OUT, REQUEST
from babbitt.training.fitting.progress import PROGRESS, Progress

_LOG = logger(__name__)

LONGEST_LINE_BYTES = 4 * 1024 * 1024
STDERR = "stderr.log"
ALWAYS = ("--resume", "--or-anew", "--end-with-stdin", "--in-step")
LAST_WORDS_CHARACTERS = 500
ALL_END_WITHIN_S = 20.0
COMMANDS: dict[JobKind, str] = {"training": "fit", "evaluation": "evaluate", "import": "import"}
WITHHELD = ("BABBITT_", "AWS_", "AZURE_", "GOOGLE_")
"""How the names of this service's settings and of the object store's credentials begin."""


class ChildFit:
    """A running child."""

    def __init__(self, process: Process, stderr: Path) -> None:
        self._process, self._stderr = process, stderr

    async def progress(self) -> AsyncIterator[Progress]:
        """What it says, until it ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            if line.endswith(b"\n"):  # else it died amid the line
                yield PROGRESS.validate_json(line)

    async def checkpoint_kept(self) -> None:
        """Let it go on: it waits where it is two checkpoints ahead."""
        assert self._process.stdin is not None
        with suppress(ConnectionError):  # it has ended: what it says no more will tell
            self._process.stdin.write(b"\n")
            await self._process.stdin.drain()

    async def last_words(self) -> str:
        """How it ended, once it has: its status, and the last line that it wrote for people."""
        status = await self._process.wait()
        lines = (await asyncio.to_thread(self._stderr.read_text, errors="replace")).strip().splitlines()
        said = f": {lines[-1][:LAST_WORDS_CHARACTERS]}" if lines else ""
        if status in (-SIGKILL, 128 + SIGKILL):  # of itself, or of one of its processes
            return f"ended by signal {SIGKILL}, as where memory runs out: a lower batch_size or views may help{said}"
        return (f"ended by signal {-status}" if status < 0 else f"ended with status {status}") + said


class ChildFits:
    """Starts children.

    Args:
        threads: processor threads of each process; None: all there are.
        processes: that a fit is spread over; None: one for each CUDA device that it is given.
    """

    def __init__(self, threads: int | None, processes: int | None = 1) -> None:
        self._options = [] if threads is None else ["--threads", str(threads)]
        self._options += [] if processes == 1 else ["--processes", str(processes or "auto")]

    @asynccontextmanager
    async def started(
        self, folder: Path, kind: JobKind, budget_s: float, *, trial: bool = False, devices: Sequence[str] = ()
    ) -> AsyncGenerator[ChildFit]:
        """A job of that kind on what lies in `folder`; killed when the context closes.

        It gets none of this service's settings and none of the store's credentials: it needs no secret. Of the host's
        GPUs it sees those that are named alone, of none named none.
        """
        arguments = [str(folder / REQUEST), "--data", str(folder / DATA), "--out", str(folder / OUT)]
        arguments += ["--bases", str(folder / BASES), "--budget-s", f"{budget_s:.1f}"]
        arguments += ["--trial"] if trial else []
        environment = {name: value for name, value in os.environ.items() if not name.startswith(WITHHELD)}
        environment[VISIBLE] = ",".join(devices)
        with (folder / STDERR).open("wb") as stderr:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "babbitt.training", COMMANDS[kind], *arguments, *ALWAYS, *self._options),
                stdin=PIPE,
                stdout=PIPE,
                stderr=stderr,
                env=environment,
                limit=LONGEST_LINE_BYTES,
                start_new_session=True,  # a Ctrl-C is for the service, which stops its children in order
            )
        try:
            yield ChildFit(process, folder / STDERR)
        finally:
            await _ended(process)


async def _ended(process: Process) -> None:
    """End it and, where it has spread over several processes, all of them.

    Those end with the first; the last of them closes the pipe that they share. One that does not is not waited for.
    """
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    with suppress(ProcessLookupError):
        process.kill()
    try:
        async with asyncio.timeout(ALL_END_WITHIN_S):
            while await process.stdout.read(LONGEST_LINE_BYTES):
                pass
            await process.wait()  # which in Python 3.12 too ends with the pipe alone
    except TimeoutError:
        _LOG.warning("processes of a fit outlive it", launcher=process.pid)
