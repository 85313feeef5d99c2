"""The migrations make the tables that the adapter expects, and take them away again."""

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, inspect

import babbitt.registry
from babbitt.chassis.database import make_engine
from babbitt.chassis.migrations import migrate
from babbitt.chassis.tables import MESSAGING
from babbitt.registry.adapters.tables import METADATA
from babbitt.registry.settings import RegistrySettings

pytestmark = pytest.mark.integration


def differences(connection):
    tables = MetaData()
    for metadata in (METADATA, MESSAGING):
        for table in metadata.tables.values():
            table.to_metadata(tables)
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return compare_metadata(context, tables)


async def test_up_gives_what_the_adapter_expects_and_down_leaves_nothing(installation):
    settings = RegistrySettings.read(installation.environment("registry"))
    engine = make_engine(settings)
    for _ in range(2):
        await asyncio.to_thread(migrate, settings, babbitt.registry.__file__)
        async with engine.connect() as connection:
            assert await connection.run_sync(differences) == []
        await asyncio.to_thread(migrate, settings, babbitt.registry.__file__, "base")
        async with engine.connect() as connection:
            assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == ["alembic_version"]
    await engine.dispose()
