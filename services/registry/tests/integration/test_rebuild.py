"""What the registry has said is enough to make its schema anew, and its schema is enough to say again what serves."""

import asyncio

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from sqlalchemy import select

import babbitt.registry
from babbitt.chassis.database import transaction
from babbitt.chassis.deploy import make_topics
from babbitt.chassis.migrations import migrate
from babbitt.contracts.model_requests import (
    AliasRemovalRequested,
    GatePolicy,
    PolicyChangeRequested,
    PromotionRequested,
    RetirementRequested,
    RollbackRequested,
)
from babbitt.contracts.models import (
    AliasRemoved,
    ModelPolicyChanged,
    ModelPromoted,
    ModelRegistered,
    ModelRetired,
    ModelRolledBack,
)
from babbitt.contracts.names import new_id
from babbitt.contracts.topics import MODELS_ALIASES
from babbitt.contracts.training import TrainFailed, TrainQueued
from babbitt.registry.adapters.tables import METADATA
from babbitt.registry.application.past import NotEmpty
from babbitt.registry.rebuilding import rebuild

pytestmark = pytest.mark.integration

DEADLINE_S = 60
NOT_TOLD = {"artifacts"}
"""Digests are found again by the next collection."""


async def content(bench):
    """All rows of all tables, but for what the database itself counts and stamps."""
    found = {}
    async with transaction(bench.sessions) as session:
        for name, table in METADATA.tables.items():
            columns = [column for column in table.c if column.name not in {"id", "created_at"}]
            rows = (await session.execute(select(*columns))).all()
            found[name] = sorted(map(repr, rows))
    return {name: rows for name, rows in found.items() if name not in NOT_TOLD}


async def live(bench, events):
    """A life with something of everything; the id of a rollback that was asked for."""
    promotion = {"model": "pump", "reason": "because", "requested_by": "key-1"}
    job, ended = new_id(), new_id()
    for number in (1, 2, 3):
        await bench.register(events, f"weights {number}".encode(), accuracy=0.96 + number / 100)
    await bench.register(events, b"lost", lost=True)
    for told in (
        TrainQueued(job_id=job, model="pump", dataset="d" * 64, preset="x", needs=(3,)),
        TrainQueued(job_id=ended, model="pump", dataset="d" * 64, preset="x", needs=(1,)),
        TrainFailed(job_id=ended, model="pump", kind="diverged", reason="x"),
    ):
        await bench.say(told, source="/babbitt/training")
    await bench.say(PolicyChangeRequested(model="pump", policy=GatePolicy(margin=0.05), reason="looser"))
    await events.first(ModelPolicyChanged, reason="looser")
    for alias, version in (("mine", 1), ("shadow", 3), ("champion", 1)):
        await bench.say(PromotionRequested(**promotion, version=version, alias=alias))
        await events.first(ModelPromoted, alias=alias, version=version, reason="because")
    await bench.say(AliasRemovalRequested(model="pump", alias="mine", reason="over"))
    await events.first(AliasRemoved)
    rollback = await bench.say(RollbackRequested(model="pump", reason="worse"))
    await events.first(ModelRolledBack)
    await bench.say(RetirementRequested(model="pump", version=2, reason="old"))
    await events.first(ModelRetired)
    await bench.say(PolicyChangeRequested(model="fan", policy=GatePolicy(promotion="manual"), reason="a model to come"))
    await events.first(ModelPolicyChanged, model="fan")
    return rollback


async def test_an_emptied_schema_is_restored_from_the_topics_and_the_registry_goes_on_where_it_was(bench, standing):
    async with bench.events() as events:
        async with bench.running():
            rollback = await live(bench, events)
        before = await content(bench)
        assert all(before.values()), "nothing of it would be restored"
        for revision in ("base", "head"):
            await asyncio.to_thread(migrate, bench.settings(), babbitt.registry.__file__, revision)
        assert not any((await content(bench)).values())
        restored = (await rebuild(bench.settings())).models
        assert {name: len(model.versions) for name, model in restored.items()} == {"pump": 4, "fan": 0}
        assert await content(bench) == before
        said = len(events.deliveries)
        highest = max(delivery.envelope.revision for delivery in events.deliveries)
        async with bench.running():
            await bench.say(RollbackRequested(model="pump", reason="worse"), event_id=rollback)
            assert await bench.register(events, b"weights 5", accuracy=0.5) == 5
        after = events.deliveries[said:]
        assert {delivery.message.version for delivery in after} == {5}
        assert {delivery.envelope.revision for delivery in after} == {highest + 1}
        with pytest.raises(NotEmpty):
            await rebuild(bench.settings())
    assert len({delivery.envelope.id for delivery in events.deliveries}) == len(events.deliveries)


async def test_a_lost_alias_topic_is_filled_from_the_schema_at_the_next_start(bench, standing):
    async with bench.events() as events, bench.running():
        for number in (1, 2):
            await bench.register(events, f"weights {number}".encode(), accuracy=0.96 + number / 100)
        await bench.say(PromotionRequested(model="pump", version=1, alias="mine", reason="because"))
        await events.first(ModelPromoted, alias="mine")
        champion = events.of(ModelRegistered)[-1].version
    admin = AIOKafkaAdminClient(bootstrap_servers=bench.installation.bootstrap_servers)
    await admin.start()
    name = MODELS_ALIASES.full_name(bench.installation.prefix)
    await admin.delete_topics([name])
    async with asyncio.timeout(DEADLINE_S):
        while name in await admin.list_topics():
            await asyncio.sleep(0.05)
    await admin.close()
    await make_topics(bench.installation.bootstrap_servers, bench.installation.prefix, 1)
    async with bench.reader(MODELS_ALIASES, beginning=True) as aliases, bench.running():
        await aliases.until(lambda reader: "pump/mine" in standing(reader))
    assert standing(aliases) == {"pump/1": 1, "pump/2": 2, "pump/champion": champion, "pump/mine": 1}
