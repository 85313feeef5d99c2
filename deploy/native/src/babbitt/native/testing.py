"""A pytest plugin: a real broker and a real database, one of each a session.

Broker and database come from containers where a Docker engine answers, else as native processes;
`BABBITT_TESTS_NATIVE=1` chooses the latter. Use it by `pytest_plugins = ["babbitt.native.testing"]`.
"""

import os
import tempfile
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from babbitt.native.containers import KafkaContainer, PostgresContainer, docker_answers
from babbitt.native.errors import NativeError
from babbitt.native.installation import Installation
from babbitt.native.kafka import Kafka
from babbitt.native.postgres import Postgres
from babbitt.native.s3_server import Build, S3Server


class Server(Protocol):
    """A server that a test may end and start again; all calls block until done, and its port and data stay."""

    def start(self) -> None:
        """Start it and wait until it serves."""
        ...

    def stop(self) -> None:
        """Shut it down in order."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...

    def restart(self) -> None:
        """Stop it and start it again."""
        ...


class Broker(Server, Protocol):
    """A Kafka broker."""

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect, as `host:port`."""
        ...


class Database(Server, Protocol):
    """A PostgreSQL server."""

    @property
    def admin_url(self) -> str:
        """The superuser's URL, password included."""
        ...


_BUILD = pytest.StashKey[Build | NativeError]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests on S3 come last: its server may have to be built first, which goes on beside the others."""
    items.sort(key=lambda item: item.get_closest_marker("s3") is not None)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Begin to build the S3 server where a test wants it."""
    if not session.config.option.collectonly and any(item.get_closest_marker("s3") for item in session.items):
        try:
            session.config.stash[_BUILD] = Build()
        except NativeError as error:
            session.config.stash[_BUILD] = error


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave nothing behind that is still being built."""
    if isinstance(build := session.config.stash.get(_BUILD, None), Build):
        build.abandon()


@pytest.fixture(scope="session")
def s3(request: pytest.FixtureRequest) -> Generator[S3Server]:
    """A real S3 server for the session, for tests marked `s3`; they are skipped where it cannot be built."""
    build = request.config.stash[_BUILD]
    try:
        if isinstance(build, NativeError):
            raise build
        program = build.wait()
    except NativeError as error:
        pytest.skip(str(error))
    with _folder() as folder, S3Server(program, folder) as server:
        yield server


def random_prefix() -> str:
    """Return a prefix for topics and groups that no other test uses."""
    return f"test-{uuid.uuid4().hex[:12]}."


@pytest.fixture(scope="session")
def kafka() -> Generator[Broker]:
    """A broker for the session. From an async test call what blocks by `asyncio.to_thread(kafka.restart)`."""
    with _folder() as folder, KafkaContainer() if _containers() else Kafka(folder) as broker:
        yield broker
        broker.kill()  # an orderly end takes it long, and nobody needs what it holds


@pytest.fixture(scope="session")
def postgres() -> Generator[Database]:
    """A database server for the session; blocking calls as with `kafka`."""
    with _folder() as folder, PostgresContainer() if _containers() else Postgres(folder) as database:
        yield database


@pytest.fixture(scope="module")
def installation(kafka: Broker, postgres: Database) -> Generator[Installation]:
    """Topics, database, roles, schemas and an object store for this module's tests alone."""
    with _folder() as folder:
        made = Installation(kafka.bootstrap_servers, postgres.admin_url, random_prefix(), folder / "objects")
        made.make()
        yield made


@pytest.fixture
def kafka_prefix() -> str:
    """A prefix for this test's topics and groups alone."""
    return random_prefix()


@contextmanager
def _folder() -> Generator[Path]:
    """Yield a folder in the system's temporary one, removed afterwards; `BABBITT_TESTS_KEEP=1` leaves it."""
    keep = os.environ.get("BABBITT_TESTS_KEEP") == "1"
    with tempfile.TemporaryDirectory(prefix="babbitt-", delete=not keep) as folder:
        yield Path(folder)


def _containers() -> bool:
    return os.environ.get("BABBITT_TESTS_NATIVE") != "1" and docker_answers()
