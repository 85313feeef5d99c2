"""Migrations by Alembic: each service its own schema and history, a time limit on locks.

A service's `migrations/env.py` calls `run_migrations`; its first revision calls `create_messaging_tables`.
"""

import asyncio
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from babbitt.chassis.settings import DatabaseSettings
from babbitt.chassis.tables import MESSAGING, RELAY

LOCK_TIMEOUT = "5s"


def migrate(settings: DatabaseSettings, package_file: str, revision: str = "head") -> None:
    """Bring a service's schema to `revision` (`base` empties it).

    Args:
        settings: the service's.
        package_file: `__file__` of the service's package: migrations lie in it, or beside `src` in a checkout.
        revision: where to.
    """
    config = alembic_config(settings, package_file)
    move = command.downgrade if revision == "base" else command.upgrade
    move(config, revision)


def alembic_config(settings: DatabaseSettings, package_file: str) -> Config:
    """Alembic's configuration of a service."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder(package_file)))
    config.attributes["url"] = settings.database_url.get_secret_value()
    config.attributes["schema"] = settings.service
    return config


def migrations_folder(package_file: str) -> Path:
    """Where a service's migrations lie.

    Raises:
        FileNotFoundError: nowhere.
    """
    package = Path(package_file).resolve().parent
    for folder in (package / "migrations", package.parents[2] / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    raise FileNotFoundError(f"no migrations for {package.name}")


def run_migrations() -> None:
    """What every `env.py` does: run the revisions in one transaction, within the service's schema."""
    asyncio.run(_run(context.config.attributes["url"], context.config.attributes["schema"]))


async def _run(url: str, schema: str) -> None:
    engine = create_async_engine(url, poolclass=NullPool, connect_args={"server_settings": {"search_path": schema}})
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
            await connection.run_sync(_configure_and_run, schema)
    finally:
        await engine.dispose()


def _configure_and_run(connection: Connection, schema: str) -> None:
    context.configure(connection=connection, version_table_schema=schema)
    context.run_migrations()


def create_messaging_tables(op: Any) -> None:
    """Inbox, outbox and the relay's row, as the first revision of every service makes them."""
    MESSAGING.create_all(op.get_bind())
    op.execute(sa.insert(RELAY).values(id=1))


def drop_messaging_tables(op: Any) -> None:
    """The way back."""
    MESSAGING.drop_all(op.get_bind())
