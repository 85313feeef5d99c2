"""`python -m babbitt.gateway`: what an operator types."""

import asyncio
import os
import sys

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from babbitt.chassis.migrations import migrate
from babbitt.gateway import __file__ as package_file
from babbitt.gateway.settings import GatewaySettings
from babbitt.gateway.tables import TABLES

pytestmark = pytest.mark.integration


@pytest.fixture
async def command(installation):
    """Runs the command line in a process: its exit code, output and errors."""

    async def run(*arguments, **variables):
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("BABBITT_")}
        environment = inherited | installation.environment("gateway", **variables)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "babbitt.gateway",
            *arguments,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
        return process.returncode, output.decode(), errors.decode()

    return run


async def test_a_key_is_printed_alone_listed_without_its_secret_and_revoked(command):
    assert (await command("migrate"))[0] == 0
    code, output, errors = await command("keys", "create", "--name", "admin", "--scopes", "all")
    assert code == 0, errors
    assert output.startswith("bbt_")
    assert len(output.split()) == 1
    key = output.strip()
    (code, output, _), unknown = await asyncio.gather(command("keys", "list"), command("keys", "revoke", "nothing"))
    assert code == 0
    assert key.split("_")[1] in output
    assert "admin,datasets,predict,promote,read,train" in output
    assert key.split("_", 2)[2] not in output
    assert unknown[0] == 1
    assert (await command("keys", "revoke", key.split("_")[1]))[0] == 0


async def test_what_an_operator_gets_wrong_is_one_line(command):
    nowhere = {"BABBITT_GATEWAY_DATABASE_URL": "postgresql+asyncpg://a:b@127.0.0.1:1/x"}
    scopes, database, setting = await asyncio.gather(
        command("keys", "create", "--name", "x", "--scopes", "root"),
        command("keys", "list", **nowhere),
        command("migrate", BABBITT_GATEWAY_COLOUR="red"),
    )
    assert [code for code, *_ in (scopes, database, setting)] == [1, 1, 1]
    assert scopes[1] == ""
    assert "scopes/0" in scopes[2]
    assert len(scopes[2].splitlines()) == 1
    assert "postgresql is away" in database[2]
    assert "BABBITT_GATEWAY_COLOUR" in setting[2]


async def test_the_migrations_make_the_tables_that_the_code_knows_and_lead_back(installation):
    settings = GatewaySettings.read(installation.environment("gateway"))
    await asyncio.to_thread(migrate, settings, package_file)
    engine = create_async_engine(
        settings.database_url.get_secret_value(), connect_args={"server_settings": {"search_path": "gateway"}}
    )
    own = {table.name for table in TABLES.sorted_tables}
    try:
        async with engine.connect() as connection:
            differences = await connection.run_sync(_differences, own)
        assert differences == []
        await asyncio.to_thread(migrate, settings, package_file, "base")
        url = make_url(settings.database_url.get_secret_value()).set(drivername="postgresql")
        plain = await asyncpg.connect(url.render_as_string(hide_password=False))
        left = await plain.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'gateway'")
        await plain.close()
        assert [row["tablename"] for row in left] == ["alembic_version"]
        await asyncio.to_thread(migrate, settings, package_file)
    finally:
        await engine.dispose()


def _differences(connection, own):
    options = {"compare_type": True, "include_name": lambda name, kind, _: kind != "table" or name in own}
    return compare_metadata(MigrationContext.configure(connection, opts=options), TABLES)
