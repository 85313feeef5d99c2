"""The outbox's relay: order, repeats and takeovers, on a real broker and a real database."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from sqlalchemy import func, select, text, update

from babbitt.chassis.database import transaction
from babbitt.chassis.metrics import OUTBOX_AGE_SECONDS, OUTBOX_DEPTH
from babbitt.chassis.outbox import MessageTooLarge, Outbox, insert_row
from babbitt.chassis.readiness import Readiness
from babbitt.chassis.relay import Relay
from babbitt.chassis.tables import OUTBOX, RELAY
from babbitt.contracts.heartbeats import ServiceHeartbeat
from babbitt.contracts.topics import SYSTEM_HEARTBEATS

pytestmark = pytest.mark.integration


def said(count):
    return ServiceHeartbeat(
        service="registry", instance="r", version=str(count), health="ready", sent_at=datetime.now(UTC)
    )


async def say(bench, *counts):
    async with transaction(bench.sessions) as session:
        for count in counts:
            await Outbox(session, "/babbitt/registry").publish(said(count), sequence=count)


async def on_takeover(sessions):
    async with transaction(sessions) as session:
        await Outbox(session, "/babbitt/registry").publish(said("anew"), sequence=9)


async def depth(bench):
    async with transaction(bench.sessions) as session:
        return await session.scalar(select(func.count()).select_from(OUTBOX))


def versions(records):
    return [ServiceHeartbeat.model_validate_json(record.value).version for record in records]


async def drain(relay):
    running = asyncio.create_task(relay.run())
    relay.stop()
    await running


async def test_what_is_rolled_back_is_never_said(bench):
    with pytest.raises(KeyError):
        async with transaction(bench.sessions) as session:
            await Outbox(session, "/babbitt/registry").publish(said(1), sequence=1)
            raise KeyError
    assert await depth(bench) == 0


async def test_messages_leave_in_order_and_stopping_sends_what_is_left(bench):
    before = await bench.ends(SYSTEM_HEARTBEATS)
    await say(bench, *range(40))
    relay = Relay(bench.settings(), bench.sessions, Readiness(), batch=7)
    async with bench.reader(SYSTEM_HEARTBEATS) as following:
        await drain(relay)
        records = [await following() for _ in range(before + 40)]
    assert versions(records[before:]) == [str(count) for count in range(40)]
    assert await depth(bench) == 0
    assert [dict(record.headers)["ce_sequence"] for record in records[before:]] == [
        f"{count:020d}".encode() for count in range(40)
    ]


class DyingRelay(Relay):
    """Dies after sending, before the rows are deleted."""

    async def _send(self, rows):
        await super()._send(rows)
        raise SystemExit


async def test_a_relay_that_dies_between_send_and_delete_is_followed_by_one_that_repeats_in_order(bench):
    before = await bench.ends(SYSTEM_HEARTBEATS)
    await say(bench, 1, 2)
    dying = DyingRelay(bench.settings("registry-0"), bench.sessions, Readiness())
    with pytest.raises(SystemExit):
        await dying._step()
    await say(bench, 3)
    successor = Relay(bench.settings("registry-1"), bench.sessions, Readiness(), on_takeover=on_takeover)
    async with bench.reader(SYSTEM_HEARTBEATS) as following:
        await drain(successor)
        records = [await following() for _ in range(before + 6)]
    assert versions(records[before:]) == ["1", "2", "1", "2", "3", "anew"]
    ids = [dict(record.headers)["ce_id"] for record in records[before:]]
    assert ids[:2] == ids[2:4]


@asynccontextmanager
async def stopped_in_mid_send(bench):
    """A relay as a process that has read the outbox and is stopped; the database has ended its session meanwhile."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        Path(__file__).with_name("stopping_relay.py"),
        env=os.environ | bench.installation.environment("registry", BABBITT_INSTANCE="stopped"),
    )
    try:
        async with asyncio.timeout(30):
            while psutil.Process(process.pid).status() != psutil.STATUS_STOPPED:
                await asyncio.sleep(0.02)
        async with transaction(bench.sessions) as session:
            idle = "application_name = 'stopped' AND state = 'idle in transaction'"
            ended = await session.scalars(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {idle}"))
            assert ended.all() == [True]
        yield process
    finally:
        process.kill()
        await process.wait()


async def test_a_relay_that_is_stopped_while_it_sends_and_continued_when_it_was_replaced_never_has_the_last_word(bench):
    before = await bench.ends(SYSTEM_HEARTBEATS)
    await say(bench, 1, 2)
    async with stopped_in_mid_send(bench) as stopped, bench.reader(SYSTEM_HEARTBEATS) as following:
        successor = Relay(bench.settings("registry-1"), bench.sessions, Readiness(), on_takeover=on_takeover)
        running = asyncio.create_task(successor.run())
        records = [await following() for _ in range(before + 4)]
        stopped.send_signal(signal.SIGCONT)
        late = [await following() for _ in range(4)]
        successor.stop()
        await running
    assert versions(records[before:]) == ["1", "2", "anew", "anew"]
    assert versions(late) == ["1", "2", "anew", "anew"]
    assert len({dict(record.headers)["ce_id"] for record in (*records[before:], *late)}) == 2 + 3


async def test_of_two_relays_one_sends_and_the_other_takes_over_when_it_is_gone(bench):
    before = await bench.ends(SYSTEM_HEARTBEATS)
    first, second = (
        Relay(bench.settings(f"registry-{number}"), bench.sessions, Readiness(), lease_s=0.5, poll_s=0.02)
        for number in range(2)
    )
    running = [asyncio.create_task(relay.run()) for relay in (first, second)]
    async with bench.reader(SYSTEM_HEARTBEATS) as following:
        for count in range(30):
            await say(bench, count)
            if count == 15:
                running[0].cancel()
        records = [await following() for _ in range(before + 30)]
        while versions(records[-1:]) != ["29"]:  # the one that was ended may have sent what the other repeats
            records.append(await following())
    second.stop()
    await running[1]
    once = {dict(record.headers)["ce_id"]: record for record in records[before:]}
    assert versions(once.values()) == [str(count) for count in range(30)]


def told():
    return OUTBOX_DEPTH._value.get(), OUTBOX_AGE_SECONDS._value.get()


async def test_depth_and_age_are_told_by_the_relay_that_sends_and_are_0_at_the_others_and_when_all_is_sent(bench):
    first, second = (Relay(bench.settings(f"registry-{number}"), bench.sessions, Readiness()) for number in range(2))
    await say(bench, 1, 2)
    async with transaction(bench.sessions) as session:
        await session.execute(update(OUTBOX).values(created_at=datetime(2026, 1, 1, tzinfo=UTC)))
    await first._step()
    assert told() == (0, 0)
    for gauge in (OUTBOX_DEPTH, OUTBOX_AGE_SECONDS):
        gauge.set(7)  # what the second said while it was the one that sends
    await say(bench, 3)
    assert not await second._step()
    assert told() == (0, 0)
    assert await depth(bench) == 1
    for relay in (first, second):
        await relay._sender.stop()


class RecordingRelay(Relay):
    """Knows how many messages it sent at once."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.batches = []

    async def _send(self, rows):
        self.batches.append(len(rows))
        await super()._send(rows)


async def test_an_idle_relay_writes_nothing_until_its_lease_has_to_be_renewed_and_renews_it_in_time(bench):
    relay, lease = Relay(bench.settings(), bench.sessions, Readiness(), lease_s=1.0), timedelta(seconds=1)

    async def held():
        async with transaction(bench.sessions) as session:
            return (await session.execute(select(RELAY.c.holder, RELAY.c.held_until))).one()

    async with asyncio.timeout(20):
        while (first := await held()).holder != relay._holder:
            assert not await relay._step()
        assert not await relay._step()
        assert await held() == first
        while (renewed := await held()) == first:
            assert not await relay._step()
            await asyncio.sleep(0.02)
    assert renewed.holder == first.holder
    assert renewed.held_until - lease < first.held_until


async def test_what_is_sent_at_once_is_bounded_in_bytes_but_one_message_always_goes(bench):
    sizes = [300_000, 10, 10, 400_000, 400_000, 900_000, 10]
    async with transaction(bench.sessions) as session:
        for size in sizes:
            await insert_row(session, SYSTEM_HEARTBEATS.name, b"k", bytes(size), [])
    relay = RecordingRelay(bench.settings(), bench.sessions, Readiness(), batch_bytes=500_000)
    await drain(relay)
    assert relay.batches == [3, 1, 1, 1, 1]
    assert await depth(bench) == 0


async def test_a_message_that_would_not_fit_the_broker_is_refused_where_it_is_said(bench):
    huge = said(1).model_copy(update={"reasons": ("x" * 1_100_000,)})
    with pytest.raises(MessageTooLarge, match="1000000"):
        async with transaction(bench.sessions) as session:
            await Outbox(session, "/babbitt/registry").publish(huge, sequence=1)


async def test_what_the_broker_refuses_holds_the_outbox_and_readiness_says_so_until_it_fits(bench):
    async with transaction(bench.sessions) as session:
        await insert_row(session, SYSTEM_HEARTBEATS.name, b"k", bytes(1_500_000), [], limit_bytes=2_000_000)
    await say(bench, 1)
    readiness = Readiness("outbox")
    relay = Relay(bench.settings(), bench.sessions, readiness, poll_s=0.05)
    running = asyncio.create_task(relay.run())
    async with asyncio.timeout(20):
        while "outbox" not in readiness.reasons() or "MessageSizeTooLarge" not in readiness.reasons()["outbox"]:
            await asyncio.sleep(0.02)
        assert await depth(bench) == 2
        async with transaction(bench.sessions) as session:
            await session.execute(update(OUTBOX).values(value=b"{}"))
        while await depth(bench):
            await asyncio.sleep(0.02)
    relay.stop()
    await running
    assert readiness


async def test_a_relay_waits_for_a_broker_that_is_away_and_says_so(bench, kafka):
    readiness = Readiness("outbox")
    relay = Relay(bench.settings(), bench.sessions, readiness, poll_s=0.05)
    running = asyncio.create_task(relay.run())
    before = await bench.ends(SYSTEM_HEARTBEATS)
    await asyncio.to_thread(kafka.stop)
    await say(bench, 1)
    async with asyncio.timeout(60):
        while "outbox" not in readiness.reasons() or not readiness.reasons()["outbox"].startswith("kafka"):
            await asyncio.sleep(0.05)
        await asyncio.to_thread(kafka.start)
        while await depth(bench):
            await asyncio.sleep(0.05)
    relay.stop()
    await running
    assert await bench.ends(SYSTEM_HEARTBEATS) >= before + 1
    assert readiness
