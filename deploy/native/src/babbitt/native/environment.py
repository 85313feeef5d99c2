"""The environment each process of a stack gets: what it must know, and nothing of ours besides."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from babbitt.contracts.topics import SERVICES
from babbitt.native.ports import LOOPBACK

DATABASE = "babbitt"
_OURS = "BABBITT_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Builds environments. Services refuse variables they do not know, so inherited `BABBITT_…` ones are left out."""

    bootstrap_servers: str
    kafka_prefix: str
    ports: Mapping[str, int]
    """By process: `postgres`, `inference-0`…"""
    passwords: Mapping[str, str]
    objects: Path
    log_level: str
    extra: Mapping[str, str]

    def shared(self) -> dict[str, str]:
        """Return what every process gets."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        return {
            **inherited,
            "ORT_DISABLE_TELEMETRY": "1",
            "PYTHONUNBUFFERED": "1",
            "BABBITT_KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "BABBITT_KAFKA_PREFIX": self.kafka_prefix,
            "BABBITT_KAFKA_REPLICATION": "1",
            "BABBITT_OBJECT_STORE_URL": self.objects.resolve().as_uri(),
            "BABBITT_LOG_LEVEL": self.log_level,
            **{name: value for name, value in self.extra.items() if _owner(name) is None},
        }

    def deployment(self) -> dict[str, str]:
        """Return what the deploy step gets: the shared settings and every service's database."""
        urls = {_variable(name, "DATABASE_URL"): self.database_url(name) for name in services_with_schema()}
        return {**self.shared(), **urls}

    def service(self, name: str, index: int) -> dict[str, str]:
        """Return what one replica of a service gets; on its port it serves its health, the gateway everything."""
        listens = "GATEWAY" if name == "gateway" else "HEALTH"
        return {
            **self.shared(),
            "BABBITT_INSTANCE": f"{name}-{index}",
            f"BABBITT_{listens}_HOST": LOOPBACK,
            f"BABBITT_{listens}_PORT": str(self.ports[f"{name}-{index}"]),
            **({_variable(name, "DATABASE_URL"): self.database_url(name)} if name in services_with_schema() else {}),
            **{variable: value for variable, value in self.extra.items() if _owner(variable) == name},
        }

    def database_url(self, service: str) -> str:
        """Return the URL, password included, by which a service reaches its schema."""
        role = f"babbitt_{service}:{self.passwords[service]}"
        return f"postgresql+asyncpg://{role}@{LOOPBACK}:{self.ports['postgres']}/{DATABASE}"


def services_with_schema() -> tuple[str, ...]:
    """Return the services that have a database role; imported late, since `status` and `down` need no database."""
    from babbitt.chassis.deploy import SERVICES_WITH_SCHEMA  # noqa: PLC0415 - takes a second

    return SERVICES_WITH_SCHEMA


def _variable(service: str, name: str) -> str:
    return f"{_OURS}{service.upper()}_{name}"


def _owner(variable: str) -> str | None:
    """Return the service a variable is for; None where it is for all."""
    return next((name for name in SERVICES if variable.startswith(_variable(name, ""))), None)
