"""The migrations make the tables that the adapters expect, and take them away again."""

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, inspect

import babbitt.training
from babbitt.chassis.database import make_engine
from babbitt.chassis.migrations import migrate
from babbitt.chassis.tables import MESSAGING
from babbitt.training.adapters.tables import TRAINING
from babbitt.training.settings import TrainingSettings

pytestmark = pytest.mark.integration


def differences(connection):
    expected = MetaData()
    for metadata in (TRAINING, MESSAGING):
        for table in metadata.tables.values():
            table.to_metadata(expected)
    return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), expected)


async def test_up_gives_what_the_adapters_expect_and_down_leaves_nothing(installation):
    settings = TrainingSettings.read(installation.environment("training"))
    engine = make_engine(settings)
    for _ in range(2):
        await asyncio.to_thread(migrate, settings, babbitt.training.__file__)
        async with engine.connect() as connection:
            assert await connection.run_sync(differences) == []
        await asyncio.to_thread(migrate, settings, babbitt.training.__file__, "base")
        async with engine.connect() as connection:
            assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == ["alembic_version"]
    await engine.dispose()
