"""One suite over the registry in memory and the one in PostgreSQL."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from babbitt.chassis.database import transaction
from babbitt.chassis.tables import OUTBOX
from babbitt.contracts.evaluations import CrossValidation, Lineage, SeedResult, Variant
from babbitt.contracts.model_requests import GatePolicy
from babbitt.contracts.topics import MODELS_ALIASES, MODELS_EVENTS
from babbitt.registry.adapters.postgres import PostgresModels
from babbitt.registry.adapters.postgres_needs import PostgresNeeds
from babbitt.registry.adapters.postgres_policies import PostgresPolicies
from babbitt.registry.adapters.postgres_test_splits import PostgresTestSplits
from babbitt.registry.adapters.trusted_keys import TrustedKeys
from babbitt.registry.application.apply_retention import ApplyRetention
from babbitt.registry.application.ports import Adopted, Story
from babbitt.registry.domain.gates.case import Finding, GateResult
from babbitt.registry.domain.model import Model
from babbitt.registry.domain.version import Version
from babbitt.registry.entrypoints.sweeps import RetentionSweep

pytestmark = pytest.mark.integration

BY_HAND = Story("promotion", "because", "key-1")
GATES = (GateResult("digest", "passed", "sound", {"files": 3.0}), GateResult("no_worse", "failed", "worse", {}, 1))


class Stored:
    """Transactions over the real tables."""

    def __init__(self, sessions):
        self._sessions = sessions
        self.keys = {}

    @asynccontextmanager
    async def transaction(self):
        async with transaction(self._sessions) as session:
            yield PostgresModels(session, TrustedKeys(self.keys))

    @asynccontextmanager
    async def jobs(self):
        """Models, and what pending jobs need of them, in one transaction."""
        async with transaction(self._sessions) as session:
            yield PostgresModels(session), PostgresNeeds(session)

    @asynccontextmanager
    async def rules(self):
        """Models, their rules and their test splits, in one transaction."""
        async with transaction(self._sessions) as session:
            yield PostgresModels(session), PostgresPolicies(session, GatePolicy()), PostgresTestSplits(session)


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


async def test_every_fact_of_a_version_comes_back(store, register, candidate, now):
    file = candidate().artifact
    facts = {
        "report": file,
        "weights": file,
        "figures": {"curve": file},
        "variants": (Variant(name="int8_static", artifact=file, chosen=True),),
        "seeds": (SeedResult(seed=3, validation_loss=0.1, record_accuracy=0.9),),
        "cross_validation": CrossValidation(folds=(("a",), ("b",)), records=9, record_accuracy=0.8),
        "lineage": Lineage(commit="c0ffee", class_map={"sain": None}, train_records=file, quick=True),
        "requested_by": "key-1",
    }
    await register(**facts)
    async with store.transaction() as models:
        model = await models.locked("pump")
        earlier = replace(candidate(), predictions=None, parity=None)
        await models.add_version(model, model.register(earlier, now()), GATES)
    full, bare = (version.candidate for version in (await load(store)).versions.values())
    assert {name: getattr(full, name) for name in facts} == facts
    assert (bare.predictions, bare.parity, bare.report) == (None, None, candidate().report)


async def test_a_version_that_no_key_of_today_signed_comes_back_as_one_that_may_not_serve(store, register):
    await register()
    assert (await load(store)).versions[1].candidate.verified
    store.keys = {"build": bytes(32)}
    version = (await load(store)).versions[1].candidate
    assert (version.verified, version.finding) == (False, "the version is not signed")


async def test_an_alias_that_was_taken_away_stays_away_and_begins_anew(store, register, now):
    for _ in range(2):
        await register()
    for number in (1, 2):
        await promote(store, now, number, "mine")
    async with store.transaction() as models:
        model = await models.locked("pump")
        await models.remove_alias(model, model.remove_alias("mine", now()), Story("removal", "over", "key-1"))
    found = await load(store)
    assert (found.aliases, found.assigned_at, found.trails, found.revision) == ({}, {}, {"mine": []}, 5)
    await promote(store, now, 2, "mine")
    assert (await load(store)).trails == {"mine": [2]}


async def test_what_pending_jobs_need_comes_with_the_model_until_each_of_them_has_ended(store, register):
    await register()
    first, second, none = UUID(int=1), UUID(int=2), UUID(int=3)
    for job, versions in ((first, (1, 2)), (second, (2,)), (second, (2,)), (none, ())):
        async with store.jobs() as (_, needs):
            await needs.add(job, "pump", versions)
    assert (await load(store)).needs == {1: {first}, 2: {first, second}}
    for job in (first, first, none):
        async with store.jobs() as (_, needs):
            await needs.drop(job)
    assert (await load(store)).needs == {2: {second}}


async def test_a_sweep_hears_first_what_jobs_need_then_retires_what_no_policy_keeps_and_tells_it(bench, candidate, now):
    store = Stored(bench.sessions)
    async with store.transaction() as models:
        model = await models.locked_or_new("pump")
        for _ in range(4):
            await models.add_version(model, model.register(candidate(), now()), GATES)
        await models.assign(model, model.promote(1, "champion", now()), BY_HAND)

    async def caught_up():
        async with store.jobs() as (_, needs):
            await needs.add(UUID(int=1), "pump", (2,))

    def retain(session, outbox):
        policies = PostgresPolicies(session, GatePolicy(retained_days=30))
        return ApplyRetention(PostgresModels(session), policies, outbox, lambda: now() + timedelta(days=31))

    sweep = RetentionSweep(caught_up, bench.sessions, PostgresModels, retain)
    assert [await sweep(), await sweep()] == [1, 0]
    assert [one.number for one in (await load(store)).versions.values() if one.retired] == [3]
    async with transaction(bench.sessions) as session:
        said = (await session.execute(select(OUTBOX.c.topic, OUTBOX.c.key).order_by(OUTBOX.c.id))).all()
    events, aliases = MODELS_EVENTS.name, MODELS_ALIASES.name
    assert [tuple(row) for row in said] == [(events, b"pump"), (aliases, b"pump/3"), (events, b"pump")]


async def test_models_are_told_in_order(store):
    for name in ("pump", "fan"):
        async with store.transaction() as models:
            await models.locked_or_new(name)
    async with store.transaction() as models:
        assert await models.names() == ["fan", "pump"]


FORBIDDEN = {
    "UPDATE alias_history SET version = 9": "append-only",
    "DELETE FROM alias_history": "append-only",
    "TRUNCATE alias_history": "append-only",
    "UPDATE versions SET verified = false": "never changes",
    "UPDATE versions SET retired = true, finding = 'mended'": "never changes",
    "UPDATE versions SET retired = false": "never changes",
    "DELETE FROM versions WHERE number = 2": "never changes",
    "TRUNCATE versions CASCADE": "append-only",
    "UPDATE gate_results SET outcome = 'passed'": "append-only",
    "DELETE FROM gate_results": "append-only",
}


async def test_versions_gate_results_and_history_never_change_but_that_a_version_is_retired(bench, candidate, now):
    store = Stored(bench.sessions)
    async with store.transaction() as models:
        model = await models.locked_or_new("pump")
        for _ in range(2):
            await models.add_version(model, model.register(candidate(), now()), GATES)
        await models.assign(model, model.promote(1, "champion", now()), BY_HAND)
        await models.retire(model, model.retire(2))
    before = await load(store)
    for change, reason in FORBIDDEN.items():
        with pytest.raises(DBAPIError, match=reason):
            async with transaction(bench.sessions) as session:
                await session.execute(text(change))
    assert await load(store) == before


async def test_the_database_numbers_versions_without_a_gap(bench, candidate, now):
    store = Stored(bench.sessions)
    with pytest.raises(DBAPIError, match="2 of pump is not the next one"):
        async with store.transaction() as models:
            model = await models.locked_or_new("pump")
            await models.add_version(model, Version(2, candidate(), now()), GATES)


async def test_a_model_has_its_own_rules_once_they_are_kept_and_its_splits_are_counted(bench):
    store, own = Stored(bench.sessions), GatePolicy(promotion="manual", margin=0.1, latency_budget_ms=2.0)
    async with store.rules() as (models, policies, splits):
        for name in ("pump", "fan"):
            model = await models.locked_or_new(name)
        assert (await policies.of("pump"), await policies.revision("pump")) == (GatePolicy(), 0)
        for kept in (GatePolicy(), own):
            model = await models.locked("pump")
            model.revision += 1
            await policies.keep(model, kept)
        counted = [await splits.decide(model, split) for model, split in (("pump", "a"), ("pump", "a"), ("pump", "b"))]
    assert counted == [1, 2, 1]
    async with store.rules() as (models, policies, splits):
        assert (await policies.of("pump"), await policies.revision("pump")) == (own, 2)
        assert (await policies.of("fan"), await policies.revision("fan")) == (GatePolicy(), 0)
        assert (await models.locked("pump")).revision == 2
        assert await splits.decide("pump", "a") == 3


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
