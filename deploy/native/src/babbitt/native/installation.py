"""An installation of a test's own: topics with a random prefix, a database with roles and schemas, an object store."""

import asyncio
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import make_url

from babbitt.chassis.deploy import SERVICES_WITH_SCHEMA, make_database, make_topics


@dataclass(frozen=True, slots=True)
class Installation:
    """What the deploy step makes, on a broker and a database server that others use too.

    Attributes:
        bootstrap_servers, admin_url: of the servers.
        prefix: of all topics, groups and the database's name.
        objects: folder of the object store.
    """

    bootstrap_servers: str
    admin_url: str
    prefix: str
    objects: Path
    passwords: dict[str, str] = field(
        default_factory=lambda: {service: secrets.token_urlsafe(16) for service in SERVICES_WITH_SCHEMA}
    )

    def make(self) -> None:
        """Make topics, database, roles and schemas; tables are each service's own migration."""
        urls = {service: make_url(self.database_url(service)) for service in SERVICES_WITH_SCHEMA}
        asyncio.run(make_database(self.admin_url, urls))
        asyncio.run(make_topics(self.bootstrap_servers, self.prefix, 1))

    def database_url(self, service: str) -> str:
        """By which a service reaches its schema."""
        name = self.prefix.rstrip(".").replace("-", "_")
        admin = make_url(self.admin_url)
        url = admin.set(
            drivername="postgresql+asyncpg",
            username=f"{name}_{service}",
            password=self.passwords[service],
            database=name,
        )
        return url.render_as_string(hide_password=False)

    def environment(self, service: str, **own: str) -> dict[str, str]:
        """The variables that a service's settings are read from; `own` adds or replaces whole variables."""
        variables = {
            "BABBITT_KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "BABBITT_KAFKA_PREFIX": self.prefix,
            "BABBITT_OBJECT_STORE_URL": self.objects.resolve().as_uri(),
        }
        if service in SERVICES_WITH_SCHEMA:
            variables[f"BABBITT_{service.upper()}_DATABASE_URL"] = self.database_url(service)
        return variables | own
