"""The deploy step: database, roles, schemas and topics. Services only check that it has run.

`python -m babbitt.chassis.deploy database` and `… topics`; migrations are each service's own.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping
from typing import Any

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, for_code
from sqlalchemy.engine import URL, make_url

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.kafka import kafka_errors
from babbitt.contracts.topics import RETENTION_BYTES, SEGMENT_BYTES, TOPICS, Topic

TOPIC_EXISTS = 36

SERVICES_WITH_SCHEMA = ("signals", "training", "registry", "gateway")
"""Inference keeps nothing yet."""


def service_urls(environment: Mapping[str, str]) -> dict[str, URL]:
    """The database URLs of the services that have one, by service.

    Raises:
        SystemExit: naming those that are not set.
    """
    names = {service: f"BABBITT_{service}_DATABASE_URL".upper() for service in SERVICES_WITH_SCHEMA}
    if missing := [name for name in names.values() if name not in environment]:
        raise SystemExit(f"deploy database: not set: {', '.join(missing)}")
    return {service: make_url(environment[name]) for service, name in names.items()}


async def make_database(admin_url: str, urls: Mapping[str, URL]) -> None:
    """Make the database, and a role and a schema for each service. What is there stays; passwords are set anew.

    Args:
        admin_url: `postgresql://user:password@host:port/postgres` of a role that may make roles and databases.
        urls: what each service will connect with.
    """
    databases = {url.database for url in urls.values()}
    if len(databases) != 1 or None in databases:
        raise SystemExit("the services' database URLs have to name one and the same database")
    admin = make_url(admin_url).set(drivername="postgresql")
    database = str(databases.pop())
    await _make_empty_database(admin, database)
    connection = await asyncpg.connect(admin.set(database=database).render_as_string(hide_password=False))
    try:
        await connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        await connection.execute(f"REVOKE ALL ON DATABASE {_quoted(database)} FROM PUBLIC")
        for service, url in urls.items():
            await _make_role_and_schema(connection, service, url, database)
    finally:
        await connection.close()


async def _make_empty_database(admin: URL, database: str) -> None:
    connection = await asyncpg.connect(admin.render_as_string(hide_password=False))
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
            await connection.execute(f"CREATE DATABASE {_quoted(database)}")
    finally:
        await connection.close()


async def _make_role_and_schema(connection: asyncpg.Connection, service: str, url: URL, database: str) -> None:
    role, password = url.username, url.password
    if not role or not password:
        raise SystemExit(f"BABBITT_{service.upper()}_DATABASE_URL: a role and a password are needed")
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
        await connection.execute(f"CREATE ROLE {_quoted(role)} LOGIN")
    literal = await connection.fetchval("SELECT quote_literal($1)", password)
    await connection.execute(f"ALTER ROLE {_quoted(role)} PASSWORD {literal}")
    await connection.execute(f"GRANT CONNECT ON DATABASE {_quoted(database)} TO {_quoted(role)}")
    await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_quoted(service)} AUTHORIZATION {_quoted(role)}")
    await connection.execute(f"ALTER ROLE {_quoted(role)} SET search_path = {_quoted(service)}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


async def make_topics(
    bootstrap_servers: str,
    prefix: str,
    replication: int,
    topics: tuple[Topic, ...] = TOPICS,
    *,
    retention_bytes: int = RETENTION_BYTES,
) -> list[str]:
    """Make the topics that are not there; their names on the broker. Those that are there keep their settings.

    Args:
        bootstrap_servers: `host:port`, comma-separated.
        prefix: stands before every name.
        replication: replicas of each partition.
        topics: which ones.
        retention_bytes: what a partition of a topic that is kept under a day may hold.

    Raises:
        Unavailable: the broker is away.
        KafkaError: it refuses a topic.
    """
    in_sync = str(min(2, replication))
    wanted = [
        NewTopic(
            topic.full_name(prefix),
            topic.partitions,
            replication,
            topic_configs={**topic.config(retention_bytes), "min.insync.replicas": in_sync},
        )
        for topic in topics
    ]
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    with kafka_errors():
        try:
            await admin.start()
            answer: Any = await admin.create_topics(wanted)
        finally:
            await admin.close()
        for name, code, message in answer.topic_errors:
            if code not in {0, TOPIC_EXISTS}:
                raise for_code(code)(f"topic {name}: {message or for_code(code).__name__}")
    return [name for name, code, _ in answer.topic_errors if code == 0]


def _number(variable: str, default: int, *, at_least: int) -> int:
    given = os.environ.get(variable, str(default))
    number = int(given) if given.isascii() and given.isdecimal() else 0
    if number < at_least:
        raise SystemExit(f"deploy topics: {variable} is a whole number, {at_least} at least")
    return number


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m babbitt.chassis.deploy", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser(
        "database",
        help="make the database, roles and schemas named by BABBITT_<SERVICE>_DATABASE_URL, as the role of "
        "BABBITT_ADMIN_DATABASE_URL (postgresql://user:password@host:port/postgres)",
    )
    commands.add_parser(
        "topics",
        help="make the topics (BABBITT_KAFKA_BOOTSTRAP_SERVERS, _PREFIX, _REPLICATION; _RETENTION_BYTES: what a "
        f"partition of a topic that is kept under a day may hold, {RETENTION_BYTES} unless set)",
    )
    arguments = parser.parse_args()
    try:
        if arguments.command == "database":
            asyncio.run(make_database(os.environ["BABBITT_ADMIN_DATABASE_URL"], service_urls(os.environ)))
        else:
            servers = os.environ["BABBITT_KAFKA_BOOTSTRAP_SERVERS"]
            prefix = os.environ.get("BABBITT_KAFKA_PREFIX", "babbitt.")
            replication = _number("BABBITT_KAFKA_REPLICATION", 1, at_least=1)
            retention_bytes = _number("BABBITT_KAFKA_RETENTION_BYTES", RETENTION_BYTES, at_least=SEGMENT_BYTES)
            asyncio.run(make_topics(servers, prefix, replication, retention_bytes=retention_bytes))
    except (Unavailable, KafkaError, OSError, asyncpg.PostgresError) as error:
        sys.exit(f"deploy {arguments.command}: {error}")
    except KeyError as error:
        sys.exit(f"deploy {arguments.command}: {error.args[0]} is not set")


if __name__ == "__main__":
    main()
