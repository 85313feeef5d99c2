"""One role and schema a service."""

import asyncpg
import pytest
from sqlalchemy.engine import make_url

pytestmark = pytest.mark.integration


async def connect(installation, service):
    url = make_url(installation.database_url(service)).set(drivername="postgresql")
    return await asyncpg.connect(url.render_as_string(hide_password=False))


async def test_a_service_cannot_read_another_services_schema(bench, installation):
    own = await connect(installation, "registry")
    assert await own.fetchval("SELECT count(*) FROM registry.outbox") == 0
    await own.close()
    other = await connect(installation, "training")
    for statement in (
        "SELECT * FROM registry.outbox",
        "CREATE TABLE registry.mine (id int)",
        "CREATE TABLE public.mine (id int)",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await other.execute(statement)
    await other.close()
