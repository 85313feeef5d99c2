"""What a stack is made of, as asked for, and what was chosen for it."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict

from babbitt.contracts.topics import SERVICES
from babbitt.native.ports import free_port

CHOICES_FILE = "stack.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSettings:
    """What is asked for. Ports left None are chosen, and kept for the folder's next start."""

    folder: Path
    """For data, logs, passwords and process ids; the caller makes and removes it."""
    temporary: bool = True
    """Whether all ends when the process that started it does, even by SIGKILL."""
    replicas: Mapping[str, int] = field(default_factory=dict[str, int])
    """How many processes of a service; 1 where it is not named."""
    gateway_port: int | None = None
    kafka_port: int | None = None
    postgres_port: int | None = None
    kafka_prefix: str = "babbitt."
    log_level: str = "INFO"
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    """Added to the environment of the services; `BABBITT_<SERVICE>_…` reaches that service alone."""

    def instances(self) -> list[tuple[str, int]]:
        """Return service and number of every process asked for, in the order they start."""
        return [(name, index) for name in SERVICES for index in range(self.replicas.get(name, 1))]


class Choices(BaseModel):
    """What was chosen at random, and is kept in the stack's folder (mode 0600) from one start to the next."""

    model_config = ConfigDict(extra="forbid")

    ports: dict[str, int] = {}
    """By process: `kafka`, `postgres`, `gateway-0`, `inference-0`…"""
    passwords: dict[str, str] = {}
    """Of the database roles, by service."""
    kafka_prefix: str = "babbitt."

    @classmethod
    def found(cls, file: Path) -> Self:
        """Return what the file holds, or nothing chosen yet where there is none."""
        return cls.model_validate_json(file.read_bytes()) if file.is_file() else cls()

    def save(self, file: Path) -> None:
        """Write it, readable by its owner alone."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(self.model_dump_json(indent=2))

    def port(self, process: str, *, asked: int | None = None, prefer: int | None = None) -> int:
        """Return the port of a process: the one asked for, else the one it had, else a free one."""
        if asked is not None:
            self.ports[process] = asked
        elif process not in self.ports:
            self.ports[process] = free_port(prefer=prefer, taken=self.ports.values())
        return self.ports[process]

    def keep_ports(self, processes: Collection[str]) -> None:
        """Forget the ports of all other processes."""
        for process in self.ports.keys() - set(processes):
            del self.ports[process]

    def password(self, service: str) -> str:
        """Return the password of a service's database role, made on first use."""
        return self.passwords.setdefault(service, secrets.token_urlsafe(24))
