"""One replica of a service, as a process."""

import signal
import sys
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from babbitt.native.errors import NativeError, PortTakenError
from babbitt.native.ports import LOOPBACK, is_free
from babbitt.native.processes import Process
from babbitt.native.waiting import wait_until

READY_DEADLINE_S = 90.0
_PROBE_TIMEOUT_S = 2.0


class Service:
    """A process `python -m babbitt.<service>` with its health address."""

    def __init__(
        self,
        name: str,
        index: int,
        port: int,
        *,
        folder: Path,
        environment: Callable[[], dict[str, str]],
        temporary: bool,
    ) -> None:
        """Describe a replica; nothing is started.

        Args:
            name: the service.
            index: which replica, from 0.
            port: where it serves its health (the gateway: everything).
            folder: the stack's.
            environment: called at each start.
            temporary: whether it ends when this process does.
        """
        self.name = name
        self.index = index
        self.port = port
        self.process = Process(f"{name}-{index}", folder)
        self._folder = folder
        self._environment = environment
        self._temporary = temporary

    @property
    def url(self) -> str:
        """The base of its HTTP addresses: `/health/live`, `/health/ready`, `/metrics`."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The id of its process; None if it does not run."""
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self.process.alive

    def launch(self) -> None:
        """Start it without waiting. Nothing happens where it runs already.

        Raises:
            PortTakenError: something else listens on its port.
        """
        if self.alive:
            return
        if not is_free(self.port):
            raise PortTakenError(LOOPBACK, self.port, of=self.process.name, choose="end what listens there")
        self.process.start(
            [sys.executable, "-m", f"babbitt.{self.name}"],
            environment=self._environment(),
            folder=self._folder,
            end_with_parent=signal.SIGKILL if self._temporary else None,
        )

    def start(self) -> None:
        """Start it and wait until it is ready (see `launch` and `wait_ready`)."""
        self.launch()
        self.wait_ready()

    def ready(self) -> bool:
        """Whether `/health/ready` answers 200 now."""
        # Not httpx: it would load its certificates anew each time, 50 times a second beside those that start.
        connection = HTTPConnection(LOOPBACK, self.port, timeout=_PROBE_TIMEOUT_S)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def wait_ready(self, *, deadline_s: float = READY_DEADLINE_S) -> None:
        """Wait until it is ready.

        Raises:
            NativeError: it ended, or was not ready within `deadline_s` seconds; with the end of its log.
        """
        ready = wait_until(lambda: not self.alive or self.ready(), deadline_s=deadline_s)
        if not self.alive:
            raise NativeError(f"{self.process.name} ended before it was ready; {self.process.end_of_log()}")
        if not ready:
            raise NativeError(f"{self.process.name} was not ready in {deadline_s:.0f} s; {self.process.end_of_log()}")

    def stop(self) -> None:
        """Ask it to end (SIGTERM), and kill it when that takes over 30 s."""
        self.process.stop()

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self.process.kill()

    def pause(self) -> None:
        """Stop it where it stands (SIGSTOP)."""
        self.process.pause()

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        self.process.resume()

    def restart(self) -> None:
        """Stop it, if it still runs, start it again and wait until it is ready."""
        self.stop()
        self.start()
