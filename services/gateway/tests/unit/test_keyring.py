"""Keys: believed while fresh, and longer while nobody can be asked."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from babbitt.chassis.errors import Unavailable
from babbitt.gateway.errors import Unauthorized
from babbitt.gateway.keys import keyring as module
from babbitt.gateway.keys.keyring import Keyring
from babbitt.gateway.keys.tokens import new_token

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Database:
    """Stands for the rows, not for PostgreSQL: that is in the integration tests."""

    def __init__(self, token):
        self.row = SimpleNamespace(
            id=token.id, name="x", digest=token.digest(), scopes=["read"], expires_at=None, revoked_at=None
        )
        self.away = False
        self.asked = 0


@pytest.fixture
def parts(monkeypatch):
    token = new_token()
    database, clock = Database(token), [0.0]

    @asynccontextmanager
    async def transaction(_):
        database.asked += 1
        await asyncio.sleep(0)
        if database.away:
            raise Unavailable("postgresql", "away")
        yield None

    async def find_key(_, key_id):
        return database.row if database.row and database.row.id == key_id else None

    monkeypatch.setattr(module, "transaction", transaction)
    monkeypatch.setattr(module, "find_key", find_key)
    ring = Keyring(None, fresh_s=30, stale_s=600, now=lambda: NOW, monotonic=lambda: clock[0])
    return ring, database, clock, f"Bearer {token.reveal()}"


async def test_a_fresh_key_is_not_asked_for_again_and_many_at_once_ask_once(parts):
    ring, database, clock, header = parts
    await asyncio.gather(*(ring.caller(header) for _ in range(20)))
    clock[0] = 29
    assert (await ring.caller(header)).scopes == {"read"}
    assert database.asked == 1


async def test_a_revocation_counts_once_the_key_is_no_longer_fresh(parts):
    ring, database, clock, header = parts
    await ring.caller(header)
    database.row.revoked_at = NOW
    clock[0] = 29
    await ring.caller(header)
    clock[0] = 31
    with pytest.raises(Unauthorized, match="revoked"):
        await ring.caller(header)


async def test_while_the_database_is_away_a_key_that_was_used_is_believed_for_ten_minutes(parts):
    ring, database, clock, header = parts
    await ring.caller(header)
    database.away = True
    clock[0] = 599
    await ring.caller(header)
    asked = database.asked
    clock[0] = 599.5
    await ring.caller(header)
    assert database.asked == asked, "it is not asked again at once"
    clock[0] = 700
    with pytest.raises(Unavailable):
        await ring.caller(header)


async def test_a_key_that_was_not_used_is_unknown_while_the_database_is_away(parts):
    ring, database, _, header = parts
    database.away = True
    with pytest.raises(Unavailable):
        await ring.caller(header)


async def test_an_expired_key_is_refused_even_while_fresh(parts):
    ring, database, _, header = parts
    database.row.expires_at = NOW + timedelta(seconds=1)
    await ring.caller(header)
    database.row.expires_at = NOW
    ring._known.clear()
    with pytest.raises(Unauthorized, match="expired"):
        await ring.caller(header)


async def test_a_right_id_with_a_wrong_secret_is_wrong(parts):
    ring, _, _, header = parts
    with pytest.raises(Unauthorized, match="wrong"):
        await ring.caller(header[:-1] + ("A" if header[-1] != "A" else "B"))


async def test_a_key_that_there_is_not_is_asked_for_once_in_a_while_and_works_soon_after_it_is_made(parts):
    ring, database, clock, header = parts
    made, database.row = database.row, None
    for second in (0, 1, 2.9):
        clock[0] = second
        with pytest.raises(Unauthorized, match="wrong"):
            await ring.caller(header)
    assert database.asked == 1
    database.row = made
    clock[0] = 3
    assert (await ring.caller(header)).scopes == {"read"}


async def test_wrong_keys_do_not_fill_the_memory_and_drive_out_no_right_one(parts, monkeypatch):
    ring, database, _, header = parts
    monkeypatch.setattr(module, "MOST_KEYS", 5)
    await ring.caller(header)
    for _ in range(20):
        with pytest.raises(Unauthorized, match="wrong"):
            await ring.caller(f"Bearer {new_token().reveal()}")
    assert len(ring._unknown_until) <= 5
    database.away = True
    assert (await ring.caller(header)).scopes == {"read"}
