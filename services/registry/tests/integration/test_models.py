"""One suite over the registry in memory and the one in PostgreSQL."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from babbitt.chassis.database import transaction
from babbitt.registry.adapters.postgres import PostgresModels
from babbitt.registry.application.ports import Adopted, Story
from babbitt.registry.domain.gates.case import Finding, GateResult
from babbitt.registry.domain.model import Model

pytestmark = pytest.mark.integration

BY_HAND = Story("promotion", "because", "key-1")
GATES = (GateResult("digest", "passed", "sound", {"files": 3.0}), GateResult("no_worse", "failed", "worse", {}, 1))


class Stored:
    """Transactions over the real tables."""

    def __init__(self, sessions):
        self._sessions = sessions

    @asynccontextmanager
    async def transaction(self):
        async with transaction(self._sessions) as session:
            yield PostgresModels(session)


@pytest.fixture(params=["memory", "postgres"])
def store(request):
    if request.param == "memory":
        return request.getfixturevalue("in_memory")
    return Stored(request.getfixturevalue("bench").sessions)


@pytest.fixture
def register(store, candidate, now):
    async def add(**more):
        async with store.transaction() as models:
            model = await models.locked_or_new("pump")
            version = model.register(candidate(**more), now())
            await models.add_version(model, version, GATES)

    return add


async def load(store, name="pump"):
    async with store.transaction() as models:
        return await models.locked(name)


async def promote(store, now, number, alias="champion"):
    async with store.transaction() as models:
        model = await models.locked("pump")
        await models.assign(model, model.promote(number, alias, now()), BY_HAND)


async def test_a_model_that_was_never_made_is_none(store):
    assert await load(store) is None
    async with store.transaction() as models:
        assert await models.names() == []


async def test_a_new_model_is_empty_and_locked(store):
    async with store.transaction() as models:
        assert await models.locked_or_new("pump") == Model("pump")


async def test_what_was_kept_comes_back(store, register, now):
    await register()
    await register(verified=False, finding="gone")
    await promote(store, now, 1)
    await promote(store, now, 1, "shadow")
    found = await load(store)
    assert found.revision == 4
    assert sorted(found.versions) == [1, 2]
    assert (found.versions[2].candidate.verified, found.versions[2].candidate.finding) == (False, "gone")
    assert found.versions[1].candidate.evaluation.record_accuracy == 0.95
    assert found.aliases == {"champion": 1, "shadow": 1}
    assert found.assigned_at["shadow"] > found.assigned_at["champion"]
    assert found.trails == {"champion": [1], "shadow": [1]}


async def test_trails_and_retirements_come_back(store, register, now):
    for _ in range(3):
        await register()
    for number in (1, 2, 3):
        await promote(store, now, number)
    async with store.transaction() as models:
        model = await models.locked("pump")
        await models.assign(model, model.roll_back("champion", now()), Story("rollback", "worse"))
        await models.retire(model, model.retire(3))
    found = await load(store)
    assert found.trails == {"champion": [1, 2]}
    assert [version.retired for version in found.versions.values()] == [False, False, True]
    assert found.revision == 8


async def test_what_fails_leaves_nothing_behind(store, register, candidate, now):
    await register()
    with pytest.raises(KeyError):
        async with store.transaction() as models:
            model = await models.locked("pump")
            version = model.register(candidate(), now())
            await models.add_version(model, version, GATES)
            raise KeyError
    found = await load(store)
    assert (list(found.versions), found.revision) == ([1], 1)


async def test_two_who_register_at_once_get_two_numbers(store, register):
    await asyncio.gather(*(register() for _ in range(4)))
    found = await load(store)
    assert sorted(found.versions) == [1, 2, 3, 4]
    assert found.revision == 4


async def test_two_promotions_of_one_model_at_once_leave_one_winner_and_one_history(store, register, now):
    for _ in range(3):
        await register()
    await asyncio.gather(*(promote(store, now, number) for number in (1, 2, 3)))
    found = await load(store)
    assert sorted(found.trails["champion"]) == [1, 2, 3]
    assert found.aliases["champion"] == found.trails["champion"][-1]
    assert found.revision == 6


async def test_models_are_told_in_order(store):
    for name in ("pump", "fan"):
        async with store.transaction() as models:
            await models.locked_or_new(name)
    async with store.transaction() as models:
        assert await models.names() == ["fan", "pump"]


@pytest.mark.parametrize(
    "change", ["UPDATE alias_history SET version = 9", "DELETE FROM alias_history", "TRUNCATE alias_history"]
)
async def test_history_is_append_only(bench, candidate, now, change):
    store = Stored(bench.sessions)
    async with store.transaction() as models:
        model = await models.locked_or_new("pump")
        version = model.register(candidate(), now())
        await models.add_version(model, version, GATES)
        await models.assign(model, model.promote(1, "champion", now()), BY_HAND)
    with pytest.raises(DBAPIError, match="append-only"):
        async with transaction(bench.sessions) as session:
            await session.execute(text(change))
    assert (await load(store)).trails == {"champion": [1]}


async def test_the_server_does_not_cut_a_registration_off_while_a_slow_store_is_waited_for(
    bench, completed, said, registration
):
    class SlowArtifacts:
        async def adopt(self, files):
            self.may_take = await session.scalar(text("SHOW idle_in_transaction_session_timeout"))
            return Adopted({}, Finding(sound=True, detail=""))

    artifacts = SlowArtifacts()
    async with transaction(bench.sessions) as session:
        await registration(session, said, artifacts=artifacts)(completed())
    assert artifacts.may_take == "5min"
