"""How messages end, on a real broker and a real database."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from babbitt.chassis.control_plane import ControlPlane
from babbitt.chassis.errors import Malformed, Refused, Unavailable
from babbitt.chassis.metrics import DEAD_LETTERS, MESSAGES, SKIPPED
from babbitt.chassis.outbox import Outbox
from babbitt.chassis.readiness import Readiness
from babbitt.chassis.relay import Relay
from babbitt.contracts.models import ModelPromoted, PromotionRequested, RetirementRequested, RollbackRequested
from babbitt.contracts.names import derived_id
from babbitt.contracts.topics import MODELS_EVENTS, MODELS_REQUESTS, TRAINING_EVENTS, dead_letters
from babbitt.contracts.training import TrainCompleted

pytestmark = pytest.mark.integration

PROMOTION = {"model": "pump", "version": 3, "reason": "better"}


def ce(event_id, type_="PromotionRequested", source="/test"):
    attributes = {"specversion": "1.0", "id": event_id, "source": source, "type": type_}
    return [(f"ce_{name}", value.encode()) for name, value in attributes.items()]


@asynccontextmanager
async def hearing(bench, handlers, *, topic=MODELS_REQUESTS, instance="registry-0", given_up=None):
    async with planned(bench, handlers, topic=topic, instance=instance, given_up=given_up) as (readiness, _):
        yield readiness


@asynccontextmanager
async def planned(bench, handlers, *, topic=MODELS_REQUESTS, instance="registry-0", given_up=None):
    readiness = Readiness()
    relay = Relay(bench.settings(instance), bench.sessions, readiness, poll_s=0.05)
    plane = ControlPlane(bench.settings(instance), bench.sessions, readiness, committed=relay.wake)
    plane.hears(topic, handlers, given_up=given_up)
    running = asyncio.create_task(relay.run())
    await plane.start()
    try:
        yield readiness, plane
    finally:
        await plane.stop()
        relay.stop()
        await running


async def promote(delivery, session):
    message = delivery.message
    said = ModelPromoted(
        model=message.model, version=message.version, alias=message.alias, replaced=None, reason=message.reason
    )
    await Outbox(session, "/babbitt/registry", delivery.envelope).publish(said, sequence=1)


async def test_a_message_delivered_twice_is_answered_once_and_carries_its_cause(bench):
    async with hearing(bench, {PromotionRequested: promote}), bench.reader(MODELS_EVENTS) as following:
        for event_id in ("a", "a", "b"):
            await bench.send(MODELS_REQUESTS, json.dumps(PROMOTION).encode(), headers=ce(event_id))
        first, second = await following(), await following()
    causes = [dict(record.headers)["ce_causationid"] for record in (first, second)]
    assert causes == [b"a", b"b"]
    assert await bench.ends(MODELS_EVENTS) == 2


async def test_a_bare_json_line_is_a_request_and_keeps_its_id_when_it_is_read_again(bench):
    heard = []

    async def hear(delivery, session):
        heard.append(delivery.envelope)
        if len(heard) == 1:
            raise Unavailable("object store", "away once")

    async with hearing(bench, {PromotionRequested: hear}):
        sent = await bench.send(MODELS_REQUESTS, json.dumps(PROMOTION).encode(), key=None)
        async with asyncio.timeout(20):
            while len(heard) < 2:
                await asyncio.sleep(0.02)
    assert heard[0].id == heard[1].id == str(derived_id(MODELS_REQUESTS.name, sent.partition, sent.offset))
    assert heard[0].type == "PromotionRequested"
    assert heard[0].source == f"/kafka/{MODELS_REQUESTS.name}"


async def test_one_id_used_for_other_data_is_refused(bench):
    async with hearing(bench, {PromotionRequested: promote}), bench.reader(MODELS_EVENTS) as following:
        seen = await bench.ends(MODELS_EVENTS)
        for version in (1, 2):
            body = json.dumps({**PROMOTION, "version": version}).encode()
            await bench.send(MODELS_REQUESTS, body, headers=ce("reused"))
        records = [await following() for _ in range(seen + 2)]
    types = [dict(record.headers)["ce_type"] for record in records[seen:]]
    assert types == [b"ModelPromoted", b"RequestRefused"]
    assert json.loads(records[-1].value)["problem"]["type"].endswith("message-id-reused")


class NoSuchModel(Refused):
    slug, status, title = "unknown-model", 404, "No such model"


async def test_a_refusal_is_told_and_its_state_change_is_rolled_back(bench):
    async def refuse(delivery, session):
        await promote(delivery, session)
        raise NoSuchModel("there is no model pump")

    seen = await bench.ends(MODELS_EVENTS)
    async with hearing(bench, {PromotionRequested: refuse}), bench.reader(MODELS_EVENTS) as following:
        await bench.send(MODELS_REQUESTS, json.dumps(PROMOTION).encode(), headers=ce("refused"))
        records = [await following() for _ in range(seen + 1)]
    told = json.loads(records[-1].value)
    assert told["request_id"] == "refused"
    assert told["problem"]["status"] == 404
    assert await bench.ends(dead_letters("registry")) == 0


@pytest.mark.parametrize(
    ("value", "headers", "reason"),
    [
        (b"{not json", ce("p1"), "not JSON"),
        (json.dumps({**PROMOTION, "version": "three"}).encode(), ce("p2"), "/version"),
        (json.dumps({"model": "pump", "version": 1}).encode(), ce("p3"), "/reason"),
        (json.dumps({**PROMOTION, "colour": "red"}).encode(), ce("p4"), "/colour"),
        (json.dumps(PROMOTION).encode(), ce("p5", "PaintRequested"), "PaintRequested"),
        (json.dumps(PROMOTION).encode(), [("ce_id", b"\xff\xfe")], "lacks"),
        (b"\xff\x00\xfe", [("junk", b"\xff\xfe")], "not JSON"),
        (None, [], "empty"),
        (b"{", [("x", b"\x00\x01")], "not JSON"),
        (json.dumps(PROMOTION).encode(), ce("a\x00b"), "/id"),
        (json.dumps(PROMOTION).encode(), ce("x" * 1000), "/id"),
        (json.dumps(PROMOTION | {f"field{n}": n for n in range(20_000)}).encode(), ce("wide"), "/field"),
        (json.dumps(PROMOTION | {"y" * 900_000: 1}).encode(), ce("long"), "/y"),
        (b"{", [("traceparent", None), ("content-type", None)], "not JSON"),
        (b"", [], "empty"),
    ],
)
async def test_poison_becomes_a_dead_letter_that_says_why_and_whence_and_the_consumer_goes_on(
    bench, value, headers, reason
):
    heard = asyncio.Event()

    async def hear(delivery, session):
        if delivery.envelope.id == f"after {reason}":
            heard.set()

    letters = dead_letters("registry")
    before = await bench.ends(letters)
    async with hearing(bench, {PromotionRequested: hear}), bench.reader(letters) as following:
        poison = await bench.send(MODELS_REQUESTS, value, headers=headers)
        await bench.send(MODELS_REQUESTS, json.dumps(PROMOTION).encode(), headers=ce(f"after {reason}"))
        async with asyncio.timeout(20):
            await heard.wait()
            records = [await following() for _ in range(before + 1)]
    letter = dict(records[-1].headers)
    assert records[-1].value == value
    assert "dlq_truncated_from" not in letter
    assert reason in letter["dlq_reason"].decode()
    assert letter["dlq_kind"] == b"malformed"
    assert letter["dlq_topic"].decode() == MODELS_REQUESTS.name
    assert (int(letter["dlq_partition"]), int(letter["dlq_offset"])) == (poison.partition, poison.offset)


async def test_an_unknown_type_on_an_event_topic_is_skipped_and_counted(bench):
    counter = SKIPPED.labels(TRAINING_EVENTS.name)
    before, letters = counter._value.get(), await bench.ends(dead_letters("registry"))
    async with hearing(bench, {TrainCompleted: promote}, topic=TRAINING_EVENTS):
        await bench.send(TRAINING_EVENTS, b"{}", headers=ce("u", "TrainPondered"))
        async with asyncio.timeout(20):
            while counter._value.get() == before:
                await asyncio.sleep(0.02)
    assert counter._value.get() == before + 1
    assert await bench.ends(dead_letters("registry")) == letters


async def answer_to(event_id, following):
    """The first event that answers a message."""
    while True:
        record = await following()
        if dict(record.headers).get("ce_causationid") == event_id.encode():
            return json.loads(record.value)


@pytest.mark.parametrize("error", [KeyError("bug"), FileNotFoundError("no such file"), TimeoutError()])
async def test_a_bug_is_tried_three_times_and_then_buried_and_its_sender_is_told(bench, error):
    tries, event_id = [], f"bug {error!r}"

    async def fail(delivery, session):
        tries.append(delivery.envelope.id)
        raise error

    letters = dead_letters("registry")
    before = await bench.ends(letters)
    async with (
        hearing(bench, {RollbackRequested: fail}),
        bench.reader(letters) as following,
        bench.reader(MODELS_EVENTS) as events,
    ):
        body = json.dumps({"model": "pump", "reason": "worse"}).encode()
        await bench.send(MODELS_REQUESTS, body, headers=ce(event_id, "RollbackRequested"))
        records = [await following() for _ in range(before + 1)]
        told = await answer_to(event_id, events)
    assert tries == [event_id] * 3
    assert dict(records[-1].headers)["dlq_kind"] == b"bug"
    assert (told["request_id"], told["request_type"], told["subject"]) == (event_id, "RollbackRequested", "pump")
    assert (told["problem"]["type"], told["problem"]["status"]) == ("urn:babbitt:problem:internal-error", 500)
    assert letters.name in told["problem"]["detail"]


@pytest.mark.parametrize("ends", ["well", "when the store is back", "by the same bug"])
async def test_what_waits_for_a_message_that_is_given_up_ends_and_the_partition_goes_on_even_if_that_fails(bench, ends):
    event_id, heard, ended = f"ended {ends}", asyncio.Event(), []

    async def fail(delivery, session):
        if delivery.envelope.id != event_id:
            heard.set()
            return
        raise KeyError("bug")

    async def end(delivery, session, reason):
        ended.append(reason)
        if ends == "by the same bug":
            raise KeyError("bug")
        if ends == "when the store is back" and len(ended) < 3:
            raise Unavailable("object store", "away")

    letters = await bench.ends(dead_letters("registry"))
    counter = DEAD_LETTERS.labels(MODELS_REQUESTS.name, "bug")
    counted = counter._value.get()
    async with hearing(bench, {PromotionRequested: fail}, given_up=end):
        for one in (event_id, f"after {event_id}"):
            await bench.send(MODELS_REQUESTS, json.dumps(PROMOTION).encode(), headers=ce(one), partition=1)
        async with asyncio.timeout(30):
            await heard.wait()
    assert ended == ["KeyError: 'bug'"] * (3 if ends == "when the store is back" else 1)
    assert await bench.ends(dead_letters("registry")) == letters + 1
    assert counter._value.get() == counted + 1


async def test_a_message_that_can_be_neither_read_nor_answered_is_given_up_too(bench):
    heard = asyncio.Event()

    async def hear(delivery, session):
        if delivery.envelope.id == "unanswerable":
            raise Malformed("odd", envelope=delivery.envelope.model_copy(update={"subject": "\x01"}))
        heard.set()

    letters = dead_letters("registry")
    before = await bench.ends(letters)
    async with hearing(bench, {PromotionRequested: hear}), bench.reader(letters) as following:
        for event_id in ("unanswerable", "after it"):
            await bench.send(MODELS_REQUESTS, json.dumps(PROMOTION).encode(), headers=ce(event_id), partition=1)
        async with asyncio.timeout(20):
            await heard.wait()
        records = [await following() for _ in range(before + 1)]
    assert b"ValidationError" in dict(records[-1].headers)["dlq_reason"]


async def test_a_key_or_a_time_that_is_none_stops_nobody(bench):
    handled = asyncio.Event()

    async def hear(delivery, session):
        handled.set()

    async with hearing(bench, {PromotionRequested: hear}), bench.reader(MODELS_EVENTS) as events:
        await bench.send(MODELS_REQUESTS, b"{}", key=b"\x01", headers=ce("odd key"), partition=1)
        await bench.send(MODELS_REQUESTS, b"{}", headers=ce("odd time"), partition=1, timestamp_ms=-(2**61))
        await bench.send(MODELS_REQUESTS, json.dumps(PROMOTION).encode(), headers=ce("after odd"), partition=1)
        told = [await answer_to(event_id, events) for event_id in ("odd key", "odd time")]
        async with asyncio.timeout(20):
            await handled.wait()
    assert [one["subject"] for one in told] == ["odd key", "pump"]


async def test_what_is_away_is_waited_for_and_readiness_says_so(bench):
    calls = []
    done = asyncio.Event()

    async def away_then_there(delivery, session):
        calls.append(delivery.envelope.id)
        if len(calls) < 5:
            raise Unavailable("object store", "away")
        done.set()

    letters = await bench.ends(dead_letters("registry"))
    async with hearing(bench, {RollbackRequested: away_then_there}) as readiness:
        body = json.dumps({"model": "pump", "reason": "worse"}).encode()
        await bench.send(MODELS_REQUESTS, body, headers=ce("away", "RollbackRequested"))
        async with asyncio.timeout(30):
            while not readiness.reasons():
                await asyncio.sleep(0.01)
            await done.wait()
            while readiness.reasons():
                await asyncio.sleep(0.01)
    assert len(calls) == 5
    assert await bench.ends(dead_letters("registry")) == letters


async def test_a_rebalance_waits_for_the_message_in_hand_and_its_commit(bench):
    begun, finish, heard = asyncio.Event(), asyncio.Event(), []

    async def slow(delivery, session):
        heard.append(delivery.envelope.id)
        begun.set()
        await finish.wait()

    repeats = MESSAGES.labels(MODELS_REQUESTS.name, "repeat")
    before = repeats._value.get()
    async with hearing(bench, {RetirementRequested: slow}):
        body = json.dumps({"model": "pump", "version": 1, "reason": "old"}).encode()
        await bench.send(MODELS_REQUESTS, body, headers=ce("slow", "RetirementRequested"), partition=0)
        async with asyncio.timeout(20):
            await begun.wait()
        joining = asyncio.create_task(_join_and_hear(bench, slow, finish))
        await asyncio.wait([joining], timeout=3)
        finish.set()
        await joining
    assert heard == ["slow", "after"]
    assert repeats._value.get() == before


async def _join_and_hear(bench, slow, finish):
    async with hearing(bench, {RetirementRequested: slow}, instance="registry-1"):
        async with asyncio.timeout(30):
            await finish.wait()
        body = json.dumps({"model": "pump", "version": 2, "reason": "old"}).encode()
        await bench.send(MODELS_REQUESTS, body, headers=ce("after", "RetirementRequested"), partition=0)
        handled = MESSAGES.labels(MODELS_REQUESTS.name, "handled")
        before = handled._value.get()
        async with asyncio.timeout(30):
            while handled._value.get() < before + 1:
                await asyncio.sleep(0.02)


async def test_a_service_that_starts_on_a_backlog_tells_all_of_it(bench):
    begun, finish = asyncio.Event(), asyncio.Event()

    async def slow(delivery, session):
        begun.set()
        await finish.wait()

    body = json.dumps({"model": "pump", "reason": "worse"}).encode()
    async with planned(bench, {RollbackRequested: slow}) as (_, plane):  # the group's place is behind what came before
        finish.set()
        await bench.send(MODELS_REQUESTS, body, headers=ce("placed", "RollbackRequested"), partition=0)
        async with asyncio.timeout(20):
            await begun.wait()
            while any((await plane.lag()).values()):
                await asyncio.sleep(0.02)
    begun.clear()
    finish.clear()
    for number in range(6):
        name = ce(f"behind {number}", "RollbackRequested")
        await bench.send(MODELS_REQUESTS, body, headers=name, partition=number % 3)
    async with planned(bench, {RollbackRequested: slow}) as (_, plane):
        async with asyncio.timeout(20):
            await begun.wait()
            while await plane.lag() != {MODELS_REQUESTS.name: 5}:  # but for the one in hand
                await asyncio.sleep(0.02)
        finish.set()
        async with asyncio.timeout(20):
            while any((await plane.lag()).values()):
                await asyncio.sleep(0.02)


class Unreadable(str):
    """The name of a header that no client can read: not UTF-8."""

    __slots__ = ()

    def encode(self, *_):
        return b"\xff\xfe"


async def test_a_record_that_the_client_cannot_read_becomes_a_dead_letter_and_the_consumer_goes_on(bench):
    heard = []

    async def hear(delivery, session):
        heard.append(delivery.envelope.id)

    letters = dead_letters("registry")
    before = await bench.ends(letters)
    async with hearing(bench, {RetirementRequested: hear}), bench.reader(letters) as following:
        body = json.dumps({"model": "pump", "version": 1, "reason": "old"}).encode()
        await bench.send(MODELS_REQUESTS, body, headers=ce("good-1", "RetirementRequested"), partition=2)
        poison = await bench.send_batch(MODELS_REQUESTS, body, headers=[(Unreadable("x"), b"1")], partition=2)
        await bench.send(MODELS_REQUESTS, body, headers=ce("good-2", "RetirementRequested"), partition=2)
        async with asyncio.timeout(30):
            while "good-2" not in heard:
                await asyncio.sleep(0.02)
        records = [await following() for _ in range(before + 1)]
    letter = dict(records[-1].headers)
    assert "not UTF-8" in letter["dlq_reason"].decode()
    assert (int(letter["dlq_partition"]), int(letter["dlq_offset"])) == (2, poison.offset)
    assert heard == ["good-1", "good-2"]
