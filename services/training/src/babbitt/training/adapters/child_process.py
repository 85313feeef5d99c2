"""Fits as child processes: `python -m babbitt.training fit`, which ends when the pipe to this process closes."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from signal import SIGKILL

from babbitt.contracts.training import JobKind
from babbitt.training.fitting.layout import BASES, DATA, OUT, REQUEST
from babbitt.training.fitting.progress import PROGRESS, Progress

LONGEST_LINE_BYTES = 4 * 1024 * 1024
STDERR = "stderr.log"
ALWAYS = ("--resume", "--end-with-stdin", "--in-step")
LAST_WORDS_CHARACTERS = 500
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
        if status == -SIGKILL:
            return f"ended by signal {SIGKILL}, as where memory runs out: a lower batch_size or views may help{said}"
        return (f"ended by signal {-status}" if status < 0 else f"ended with status {status}") + said


class ChildFits:
    """Starts children.

    Args:
        threads: processor threads of each; None: all there are.
    """

    def __init__(self, threads: int | None) -> None:
        self._options = [] if threads is None else ["--threads", str(threads)]

    @asynccontextmanager
    async def started(
        self, folder: Path, kind: JobKind, budget_s: float, *, trial: bool = False
    ) -> AsyncGenerator[ChildFit]:
        """A job of that kind on what lies in `folder`; killed when the context closes.

        It gets none of this service's settings and none of the store's credentials: it needs no secret.
        """
        arguments = [str(folder / REQUEST), "--data", str(folder / DATA), "--out", str(folder / OUT)]
        arguments += ["--bases", str(folder / BASES), "--budget-s", f"{budget_s:.1f}"]
        arguments += ["--trial"] if trial else []
        environment = {name: value for name, value in os.environ.items() if not name.startswith(WITHHELD)}
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
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
