"""A replica that dies is followed by another: what was said stays in order, and the champion has the last word."""

import asyncio

import pytest
from sqlalchemy import text

from babbitt.chassis.database import transaction
from babbitt.chassis.outbox import Outbox
from babbitt.chassis.readiness import Readiness
from babbitt.chassis.relay import Relay
from babbitt.contracts.models import AliasAssigned, ModelRegistered
from babbitt.contracts.topics import MODELS_ALIASES
from babbitt.registry.adapters.postgres import PostgresModels
from babbitt.registry.entrypoints.takeovers import assert_aliases

pytestmark = pytest.mark.integration


class DyingRelay(Relay):
    """Dies after sending, before the rows are deleted."""

    async def _send(self, rows):
        await super()._send(rows)
        raise SystemExit


async def test_a_relay_that_dies_between_send_and_delete_is_repeated_in_order_and_the_champion_has_the_last_word(
    bench, registration, standing
):
    async def register(content, accuracy):
        told = await bench.completed(content, accuracy=accuracy)
        async with transaction(bench.sessions) as session:
            await registration(session, Outbox(session, "/babbitt/registry"))(told)

    async with bench.aliases() as aliases:
        for number in (1, 2):
            await register(f"weights {number}".encode(), 0.9 + number / 100)
        dying = DyingRelay(
            bench.settings("registry-0"), bench.sessions, Readiness(), on_takeover=assert_aliases(PostgresModels)
        )
        with pytest.raises(SystemExit):
            await dying.run()
        await aliases.until(lambda reader: len(reader.records) == 4 + 3)  # what lay there, and what it asserted
        async with bench.running("registry-1"):
            await aliases.until(lambda reader: len(reader.records) == 2 * (4 + 3) + 3)
    champions = [record for record in aliases.records if record.key == b"pump/champion"]
    assert AliasAssigned.model_validate_json(champions[-1].value).version == 2
    assert dict(champions[-1].headers)["ce_sequence"] == max(dict(r.headers)["ce_sequence"] for r in champions)
    assert standing(aliases) == {"pump/1": 1, "pump/2": 2, "pump/champion": 2}
    first_seen = {}
    for record in champions:
        headers = dict(record.headers)
        first_seen.setdefault(headers["ce_id"], headers["ce_sequence"])
    assert list(first_seen.values()) == sorted(first_seen.values())


async def test_a_takeover_that_waits_for_one_model_locks_no_other(bench):
    waiting = asyncio.Event()

    class Watched(PostgresModels):
        async def locked(self, name):
            if name == "pump":
                waiting.set()
            return await super().locked(name)

    async with transaction(bench.sessions) as session:
        for name in ("fan", "pump"):
            await PostgresModels(session).locked_or_new(name)
    async with transaction(bench.sessions) as registering:
        await PostgresModels(registering).locked("pump")
        taking_over = asyncio.create_task(assert_aliases(Watched)(bench.sessions))
        await asyncio.wait_for(waiting.wait(), 10)
        async with transaction(bench.sessions) as promoting:
            await promoting.execute(text("SET LOCAL lock_timeout = '200ms'"))
            assert await PostgresModels(promoting).locked("fan")
    await taking_over


async def test_after_a_takeover_the_last_record_of_an_alias_is_the_current_champion(bench):
    async with bench.events() as events, bench.aliases() as aliases:
        async with bench.running("registry-0"):
            await bench.register(events)
            await bench.register(events, b"better", accuracy=1.0)
            await aliases.until(lambda reader: len(reader.records) >= 4)
        stale = next(record for record in aliases.records if record.key == b"pump/champion")
        await bench.send(MODELS_ALIASES, stale.value, key=stale.key, headers=stale.headers)
        await aliases.until(lambda reader: len(reader.records) == 5)
        async with bench.running("registry-1"):
            await aliases.until(lambda reader: len(reader.records) == 5 + 3)
    last = [record for record in aliases.records if record.key == b"pump/champion"][-1]
    assert AliasAssigned.model_validate_json(last.value).version == 2


async def test_a_replica_that_is_killed_is_followed_by_another_and_nothing_is_doubled_or_lost(bench, standing):
    async with bench.events() as events, bench.aliases() as aliases, bench.process("registry-0") as killed:
        for number in range(4):
            await bench.train(f"weights {number}".encode(), accuracy=0.9 + number / 100)
        await events.first(ModelRegistered)
        killed.kill()
        await killed.wait()
        async with bench.running("registry-1"):
            for number in range(4, 6):
                await bench.train(f"weights {number}".encode(), accuracy=0.9 + number / 100)
            await events.until(
                lambda reader: {event.version for event in reader.of(ModelRegistered)} >= set(range(1, 7))
            )
            await aliases.until(lambda reader: "pump/6" in standing(reader))
    registered = {delivery.envelope.id: delivery.message for delivery in events.deliveries}
    jobs = [event.job_id for event in registered.values() if isinstance(event, ModelRegistered)]
    assert len(jobs) == len(set(jobs)) == 6
    best = max(
        (e for e in registered.values() if isinstance(e, ModelRegistered)), key=lambda e: e.evaluation.record_accuracy
    )
    assert standing(aliases)["pump/champion"] == best.version
