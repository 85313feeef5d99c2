"""The test session's broker and database as containers of the official images, where a Docker engine answers.

They have the surface of `Kafka` and `Postgres`. Ports are fixed before the start, so that a restart keeps them.
testcontainers and docker are needed by the tests alone, so they are imported when a container is made.
"""

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from babbitt.native.errors import NativeError
from babbitt.native.kafka_probe import serves
from babbitt.native.kafka_settings import ONE_OF_EACH
from babbitt.native.ports import LOOPBACK, free_port
from babbitt.native.postgres import accepts
from babbitt.native.waiting import wait_until

if TYPE_CHECKING:
    pass

KAFKA_IMAGE = "apache/kafka:4.3.1"
POSTGRES_IMAGE = "postgres:18"
_SOCKET = Path("/var/run/docker.sock")
_READY_DEADLINE_S = 120.0
_STOP_DEADLINE_S = 30


def docker_answers() -> bool:
    """Whether a Docker engine can be reached."""
    if "DOCKER_HOST" not in os.environ and not _SOCKET.exists():
        return False
    import docker  # noqa: PLC0415 - see the module's docstring
    from docker.errors import DockerException  # noqa: PLC0415

    try:
        client = docker.from_env()
        try:
            return bool(client.ping())
        finally:
            client.close()
    except DockerException:
        return False


class Container:
    """A container on a fixed port, with what a test does to a server. Leaving it as a context manager removes it."""

    def __init__(self, image: str, inner_port: int, port: int, environment: Mapping[str, str]) -> None:
        """Describe a container; nothing is started."""
        from testcontainers.core.container import DockerContainer  # noqa: PLC0415

        self.port = port
        self._container: DockerContainer = DockerContainer(image).with_bind_ports(inner_port, port)
        self._container.with_envs(**environment)
        self._ready: Callable[[], bool] = lambda: True
        self._made = False

    def start(self) -> None:
        """Start it and wait until it serves.

        Raises:
            NativeError: it does not within 120 s.
        """
        if self._made:
            self._container.get_wrapped_container().start()
        else:
            self._container.start()
            self._made = True
        if not wait_until(self._ready, deadline_s=_READY_DEADLINE_S):
            raise NativeError(f"the container of {self._container.image} did not become ready")

    def stop(self) -> None:
        """Shut it down in order; its data stay."""
        self._container.get_wrapped_container().stop(timeout=_STOP_DEADLINE_S)

    def kill(self) -> None:
        """End it at once; its data stay."""
        self._container.get_wrapped_container().kill()

    def restart(self) -> None:
        """Stop it and start it again."""
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Remove it."""
        self._container.stop()


class KafkaContainer(Container):
    """A broker that is its own controller, with the settings of the native one."""

    def __init__(self) -> None:
        """Describe a broker; nothing is started."""
        port = free_port()
        settings = {
            **ONE_OF_EACH,
            "listeners": "PLAINTEXT://:9092,CONTROLLER://:9093",
            "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port}",
            "controller.quorum.voters": "1@localhost:9093",
        }
        environment = {f"KAFKA_{name.upper().replace('.', '_')}": value for name, value in settings.items()}
        super().__init__(KAFKA_IMAGE, 9092, port, environment)
        self._ready = lambda: serves(LOOPBACK, port)

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect, as `host:port`."""
        return f"{LOOPBACK}:{self.port}"


class PostgresContainer(Container):
    """A database server with a random superuser password."""

    def __init__(self) -> None:
        """Describe a server; nothing is started."""
        port, password = free_port(), secrets.token_urlsafe(24)
        self.admin_url = f"postgresql://postgres:{password}@{LOOPBACK}:{port}/postgres"
        super().__init__(POSTGRES_IMAGE, 5432, port, {"POSTGRES_PASSWORD": password})
        self._ready = lambda: accepts(self.admin_url)
