"""Settings from the environment: `BABBITT_…` shared, `BABBITT_<SERVICE>_…` a service's own; others are refused."""

import os
import socket
from collections.abc import Mapping
from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from babbitt.contracts.topics import SERVICES

NOT_OURS = frozenset(
    {
        "BABBITT_URL",
        "BABBITT_KEY",
        "BABBITT_KEY_FILE",
        "BABBITT_ADMIN_DATABASE_URL",
        "BABBITT_KAFKA_RETENTION_BYTES",
        "BABBITT_UP_FOLDER",
        "BABBITT_UP_PORT",
        "BABBITT_TESTS_NATIVE",
        "BABBITT_TESTS_KEEP",
    }
)
"""What the client, the deploy step, the native runner and the tests read: a service leaves them alone."""


class SettingsError(Exception):
    """A setting is missing, unknown or wrong; one line a finding."""


class Settings(BaseModel):
    """What every service reads. A service's own settings are fields of a subclass that names its `service`.

    Attributes:
        instance: name of this replica, unique in the installation.
        kafka_bootstrap_servers: `host:port`, comma-separated.
        kafka_prefix: stands before every topic, group and client id.
        object_store_url: `file:///…`, `s3://…`, `gs://…` or `az://…`.
        log_level: `DEBUG`, `INFO`, `WARNING` or `ERROR`.
        otlp_endpoint: where traces go; absent: nowhere.
        health_host, health_port: where `/health/live`, `/health/ready` and `/metrics` are served.
        drain_s: seconds that a shutdown waits for running work.
        group_session_s: seconds without a sign of life after which the broker gives what a replica hears of the control
            plane to others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    service: ClassVar[str]
    instance: str = Field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}")
    kafka_bootstrap_servers: str
    kafka_prefix: Annotated[str, Field(pattern=r"^[a-z0-9.-]*$")] = "babbitt."
    kafka_replication: Annotated[int, Field(ge=1)] = 1
    object_store_url: str
    log_level: Annotated[str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"
    otlp_endpoint: str | None = None
    health_host: str = "127.0.0.1"
    health_port: Annotated[int, Field(ge=0, le=65_535)] = 0
    drain_s: Annotated[float, Field(gt=0)] = 20.0
    group_session_s: Annotated[float, Field(ge=6, le=300)] = 30.0

    @classmethod
    def variable(cls, name: str) -> str:
        """The environment variable of a field."""
        return (f"BABBITT_{name}" if name in Settings.model_fields else f"BABBITT_{cls.service}_{name}").upper()

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the environment.

        Raises:
            SettingsError: a variable is missing or wrong, or one of `BABBITT_…` or of this service is unknown.
        """
        given = os.environ if environment is None else environment
        variables = {cls.variable(name): name for name in cls.model_fields}
        others = tuple(f"BABBITT_{service}_".upper() for service in SERVICES if service != cls.service)
        unknown = sorted(
            name
            for name in given
            if name.startswith("BABBITT_")
            and name not in variables
            and name not in NOT_OURS
            and not name.startswith(others)
        )
        if unknown:
            raise SettingsError(f"unknown setting {', '.join(unknown)}: known are {', '.join(sorted(variables))}")
        try:
            return cls.model_validate(
                {name: given[variable] for variable, name in variables.items() if variable in given}
            )
        except ValidationError as error:
            findings = [
                f"{cls.variable(str(finding['loc'][0])) if finding['loc'] else cls.__name__}: {finding['msg']}"
                for finding in error.errors(include_input=False, include_url=False)
            ]
            raise SettingsError("; ".join(findings)) from error

    @classmethod
    def describe(cls) -> list[tuple[str, FieldInfo]]:
        """Variables and fields, for `--help`."""
        return [(cls.variable(name), field) for name, field in cls.model_fields.items()]


class DatabaseSettings(Settings):
    """Settings of a service that has a schema.

    Attributes:
        database_url: `postgresql+asyncpg://role:password@host:port/database`, the service's own role.
    """

    database_url: SecretStr
