"""What is done once between the broker's and database's start and the services': roles, topics, tables, a first key."""

import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from babbitt.native.commands import run
from babbitt.native.environment import Environment, services_with_schema
from babbitt.native.errors import NativeError

_DEADLINE_S = 120
_REASON_LINES = 12
_RETENTION = "BABBITT_KAFKA_RETENTION_BYTES"
_FIRST_KEY = ("keys", "create", "--name", "admin", "--scopes", "all")


class Deployment:
    """Runs the deploy step's commands; each may be run again without harm."""

    def __init__(self, environment: Environment, *, log_file: Path, key_file: Path) -> None:
        """Describe a deployment; nothing is run."""
        self._environment = environment
        self._log_file = log_file
        self._key_file = key_file

    def make_topics(self) -> None:
        """Create the topics; how much the short-lived ones may hold is taken from the user's environment.

        Raises:
            NativeError: the step failed; with its name and the end of what it wrote.
        """
        asked = {name: value for name, value in os.environ.items() if name == _RETENTION}
        self._step(["babbitt.chassis.deploy", "topics"], {**self._environment.shared(), **asked})

    def make_database(self, admin_url: str) -> None:
        """Create database, roles and schemas, then each service's tables, and the first admin key.

        Raises:
            NativeError: a step failed; with its name and the end of what it wrote.
        """
        everything = self._environment.deployment()
        self._step(["babbitt.chassis.deploy", "database"], {**everything, "BABBITT_ADMIN_DATABASE_URL": admin_url})
        with ThreadPoolExecutor() as pool:
            for _ in pool.map(self._make_tables, services_with_schema()):
                pass

    def _make_tables(self, service: str) -> None:
        self._step([f"babbitt.{service}", "migrate"], self._environment.service(service, 0))
        if service == "gateway" and not self._key_file.is_file():
            self._create_key()

    def _create_key(self) -> None:
        key = self._step(["babbitt.gateway", *_FIRST_KEY], self._environment.service("gateway", 0)).strip()
        if not key or any(character.isspace() for character in key):
            raise NativeError("the gateway made no admin key: its command should print one and nothing else")
        self._key_file.touch(mode=0o600)
        self._key_file.write_text(key)

    def _step(self, arguments: Sequence[str], environment: Mapping[str, str]) -> str:
        """Run `python -m …`, keep what it said in the log file, and return its standard output."""
        told = run([sys.executable, "-m", *arguments], environment=environment, deadline_s=_DEADLINE_S)
        name = " ".join(arguments[:2])
        with self._log_file.open("a") as log:
            log.write(f"{name}: exit code {told.returncode}\n{told.stderr}")
        if told.returncode != 0:
            reason = "\n  ".join((told.stdout + told.stderr).splitlines()[-_REASON_LINES:])
            raise NativeError(f"deploying failed in `{name}`:\n  {reason}")
        return told.stdout
