import asyncio
import socket
import stat

import asyncpg
import pytest

from babbitt.native.errors import PortTakenError
from babbitt.native.ports import LOOPBACK
from babbitt.native.postgres import Postgres

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    with Postgres(tmp_path_factory.mktemp("postgres")) as running:
        yield running


async def ask(database, statement):
    connection = await asyncpg.connect(database.admin_url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_it_is_postgresql_18_with_200_connections(database):
    assert (await ask(database, "show server_version")).startswith("18.")
    assert await ask(database, "show max_connections") == "200"


async def test_a_wrong_password_is_refused(database):
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(database.admin_url.replace("postgres:", "postgres:not", 1).replace("postgresqlnot", ""))


def test_the_password_is_readable_by_its_owner_alone(database):
    file = database.folder / "postgres" / "password"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_text()) >= 32


@pytest.mark.parametrize("how", ["restart", "kill"])
async def test_what_was_committed_is_there_after_a_restart_and_after_a_kill(database, how):
    await ask(database, f"create table {how}_kept as select 7 as number")
    if how == "restart":
        await asyncio.to_thread(database.restart)
    else:
        await asyncio.to_thread(database.kill)
        assert not database.alive
        await asyncio.to_thread(database.start)
    assert await ask(database, f"select number from {how}_kept") == 7


async def test_it_stops_while_a_client_is_connected(database):
    connection = await asyncpg.connect(database.admin_url)
    await asyncio.to_thread(database.stop)
    assert not database.alive
    connection.terminate()
    await asyncio.to_thread(database.start)


def test_a_port_somebody_listens_on_is_named_and_nothing_is_started(folder):
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
        database = Postgres(folder, port)
        with pytest.raises(PortTakenError, match=f"port {port} on 127.0.0.1 is taken"):
            database.start()
    assert not database.alive
