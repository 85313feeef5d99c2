"""The migrations make the tables that the adapter expects, and take them away again."""

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, delete, insert, inspect

import babbitt.signals
from babbitt.chassis.database import make_engine
from babbitt.chassis.migrations import migrate
from babbitt.chassis.tables import MESSAGING
from babbitt.signals.adapters.tables import DATASETS, SIGNALS
from babbitt.signals.domain.dataset import State
from babbitt.signals.settings import SignalsSettings

pytestmark = pytest.mark.integration


def everything():
    tables = MetaData()
    for metadata in (SIGNALS, MESSAGING):
        for table in metadata.tables.values():
            table.to_metadata(tables)
    return tables


def differences(connection):
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return compare_metadata(context, everything())


async def test_up_gives_what_the_adapter_expects_and_down_leaves_nothing(installation):
    settings = SignalsSettings.read(installation.environment("signals"))
    engine = make_engine(settings)
    for _ in range(2):
        await asyncio.to_thread(migrate, settings, babbitt.signals.__file__)
        async with engine.connect() as connection:
            assert await connection.run_sync(differences) == []
        await asyncio.to_thread(migrate, settings, babbitt.signals.__file__, "base")
        async with engine.connect() as connection:
            assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == ["alembic_version"]
    await engine.dispose()


async def test_what_was_being_made_with_other_digests_has_failed_and_says_what_to_do(installation):
    settings = SignalsSettings.read(installation.environment("signals"))
    engine = make_engine(settings)
    for revision in ("base", "0005"):
        await asyncio.to_thread(migrate, settings, babbitt.signals.__file__, revision)
    states = (State.MAKING, State.READY)
    rows = [
        {"id": state, "state": state, "attempt": 1, "revision": 1, "shards": 2, "shards_done": 1, "configuration": {}}
        for state in states
    ]
    async with engine.begin() as connection:
        await connection.execute(insert(DATASETS), rows)
    await asyncio.to_thread(migrate, settings, babbitt.signals.__file__)
    async with engine.begin() as connection:
        found = await connection.execute(delete(DATASETS).where(DATASETS.c.id.in_(states)).returning(*DATASETS.c))
        told = {row.id: (row.state, row.reason) for row in found}
    assert told == {"making": ("failed", "signals now makes records otherwise: ask again"), "ready": ("ready", None)}
    await engine.dispose()
