"""A real PostgreSQL 18, as a process."""

import os
import signal
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg
import psutil

from babbitt.native.errors import NativeError, PortTakenError
from babbitt.native.identity import identity
from babbitt.native.ports import LOOPBACK, free_port, is_free
from babbitt.native.postgres_cluster import SUPERUSER, make_cluster, plain_environment
from babbitt.native.postgres_programs import let_in, postgres_program, postgres_user
from babbitt.native.processes import Process
from babbitt.native.waiting import complete, wait_until

READY_DEADLINE_S = 30.0
_CONNECT_TIMEOUT_S = 2
_KILL_DEADLINE_S = 10.0

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# A temporary database outlives a kill of its process, not of the machine.
_TEMPORARY_SETTINGS = {"fsync": "off", "full_page_writes": "off"}


class Postgres:
    """A database server, its data under a folder, listening on the loopback interface, passwords by SCRAM-SHA-256.

    The superuser `postgres` has a random password, kept in `postgres/password` (mode 0600). As a context manager the
    server is started and stopped.
    """

    def __init__(self, folder: Path, port: int | None = None, *, temporary: bool = True) -> None:
        """Describe a server; nothing is started.

        Args:
            folder: for `postgres/` (data and password), its log and its process id; made where missing.
            port: None takes a free one.
            temporary: whether it ends when this process does, even by SIGKILL, and may skip `fsync`.
        """
        self.folder = folder
        self.port = port or free_port()
        self.process = Process("postgres", folder)
        self._data = folder / "postgres" / "data"
        self._password_file = folder / "postgres" / "password"
        self._temporary = temporary

    @property
    def admin_url(self) -> str:
        """The superuser's URL of the database `postgres`, password included; there once it has been started."""
        return f"postgresql://{SUPERUSER}:{self._password_file.read_text()}@{LOOPBACK}:{self.port}/postgres"

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self.process.alive

    def start(self) -> None:
        """Start it and wait until it lets clients in. Nothing happens where it runs already.

        Raises:
            NativeError: the port is taken, the data folder cannot be made, or it is not ready within 30 s.
        """
        self.launch()
        self.wait_ready()

    def launch(self) -> None:
        """Start it without waiting (see `start`)."""
        if self.alive:
            return
        if not is_free(self.port):
            raise PortTakenError(LOOPBACK, self.port, of="PostgreSQL", choose="choose another (up --postgres-port N)")
        user = postgres_user()
        make_cluster(self._data, self._password_file, user=user, durable=not self._temporary)
        let_in(user, self._data.parent)
        settings = {**_SETTINGS, "port": str(self.port), **(_TEMPORARY_SETTINGS if self._temporary else {})}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self.process.start(
            [postgres_program("postgres"), "-D", self._data, *options],
            environment=plain_environment(),
            folder=self.folder,
            user=user,
            end_with_parent=signal.SIGQUIT if self._temporary else None,
        )

    def wait_ready(self) -> None:
        """Wait until it lets clients in.

        Raises:
            NativeError: it ended, or let nobody in within 30 s; with the end of its log.
        """
        ready = wait_until(lambda: not self.alive or self.serves(), deadline_s=READY_DEADLINE_S)
        if not ready or not self.alive:
            raise NativeError(f"PostgreSQL did not become ready; {self.process.end_of_log()}")

    def serves(self) -> bool:
        """Whether it lets a client in now."""
        return accepts(self.admin_url)

    def stop(self) -> None:
        """Shut it down, breaking off open connections (a fast shutdown); it is killed when that takes over 30 s."""
        self.process.stop(by=signal.SIGINT)

    def kill(self) -> None:
        """End it and its backends at once, as a power cut would: a backend left over would bar the next start."""
        pid = self.process.pid
        backends = [child.pid for child in psutil.Process(pid).children()] if pid else []
        self.process.kill()
        for backend in backends:
            with suppress(ProcessLookupError):
                os.kill(backend, signal.SIGKILL)
        wait_until(lambda: not any(map(identity, backends)), deadline_s=_KILL_DEADLINE_S)

    def restart(self) -> None:
        """Stop it and start it again, on the same port and data."""
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop it."""
        self.stop()


def accepts(url: str) -> bool:
    """Say whether the database server at `url` lets a client in now."""
    return complete(_connects(url))


async def _connects(url: str) -> bool:
    try:
        connection = await asyncpg.connect(url, timeout=_CONNECT_TIMEOUT_S)
    except (OSError, asyncpg.PostgresError):
        return False
    await connection.close()
    return True
