"""A process of ours: started with a log file and a pid file, stopped by whoever finds that file."""

import os
import pwd
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from babbitt.native.errors import NativeError
from babbitt.native.identity import identity
from babbitt.native.lifeline import end_with_me
from babbitt.native.waiting import wait_until

STOP_DEADLINE_S = 30.0  # longer than a service's drain
_KILL_DEADLINE_S = 10.0


class Process:
    """One process under a name.

    Its id stands in `<folder>/pids/<name>.pid` together with its start, so that another command can stop it and never
    ends a stranger that was given the same id; its output is appended to `<folder>/logs/<name>.log`.
    """

    def __init__(self, name: str, folder: Path) -> None:
        """Name a process kept under `folder`; nothing is started."""
        self.name = name
        self.log_file = folder / "logs" / f"{name}.log"
        self._pid_file = folder / "pids" / f"{name}.pid"
        self._child: subprocess.Popen[bytes] | None = None

    def start(
        self,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        folder: Path | None = None,
        user: pwd.struct_passwd | None = None,
        end_with_parent: signal.Signals | None = None,
    ) -> None:
        """Start `command` in a session of its own, detached from the terminal. Nothing happens where it runs already.

        Args:
            command: program and arguments.
            environment: all of the environment it gets.
            folder: the working directory.
            user: whom to run as, else the caller.
            end_with_parent: the signal it gets when the caller dies; None lets it live on.

        Raises:
            NativeError: the program cannot be run.
        """
        if self.alive:
            return
        for path in (self.log_file, self._pid_file):
            path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as log:
            try:
                self._child = subprocess.Popen(  # noqa: S603 - what is run is this package's own choice
                    command,
                    env=dict(environment),
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    user=user.pw_uid if user else None,
                    group=user.pw_gid if user else None,
                    extra_groups=[] if user else None,
                )
            except OSError as error:
                raise NativeError(f"{self.name} could not be started: {error}") from error
        if end_with_parent is not None:
            end_with_me(self._child.pid, end_with_parent)
        self._pid_file.write_text(f"{self._child.pid} {identity(self._child.pid)}\n")

    @property
    def pid(self) -> int | None:
        """The id of the running process; None if it does not run."""
        if self._child is not None and identity(self._child.pid) is None:
            self._child.wait()  # it has ended: collect it
        try:
            pid, started = self._pid_file.read_text().split()
        except (FileNotFoundError, ValueError):
            return None
        return int(pid) if identity(int(pid)) == started else None

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.pid is not None

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if (pid := self.pid) is not None:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                return

    def pause(self) -> None:
        """Stop it where it stands (SIGSTOP)."""
        self.send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        self.send(signal.SIGCONT)

    def stop(self, *, deadline_s: float = STOP_DEADLINE_S, by: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end by the signal `by`, and kill it when `deadline_s` seconds pass first."""
        self.send(by)
        self.resume()
        if not self.ended(deadline_s=deadline_s):
            self.kill()
        self._pid_file.unlink(missing_ok=True)

    def kill(self) -> None:
        """End it at once (SIGKILL).

        Raises:
            NativeError: it is still there after 10 s.
        """
        self.send(signal.SIGKILL)
        if not self.ended(deadline_s=_KILL_DEADLINE_S):
            raise NativeError(f"{self.name} (process {self.pid}) does not end")

    def ended(self, *, deadline_s: float) -> bool:
        """Wait until it has ended; False if `deadline_s` seconds pass first."""
        if not wait_until(lambda: not self.alive, deadline_s=deadline_s):
            return False
        if self._child is not None:
            self._child.wait()  # it may have ended between two looks: collect it here at the latest
        return True

    def end_of_log(self, lines: int = 15) -> str:
        """Return the last lines of its log under a heading, for a message."""
        written = self.log_file.read_text(errors="replace").splitlines() if self.log_file.exists() else []
        return "\n  ".join([f"the end of {self.log_file}:", *(written[-lines:] or ["(nothing)"])])
