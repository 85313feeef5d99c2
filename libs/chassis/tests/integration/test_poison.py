"""What is not its contract becomes a dead letter, and the consumer goes on."""

import asyncio
import json

import pytest

from babbitt.contracts.model_requests import PromotionRequested, RetirementRequested
from babbitt.contracts.topics import MODELS_EVENTS, MODELS_REQUESTS, dead_letters

from .hearing import PROMOTION, answers_to, ce, hearing

pytestmark = pytest.mark.integration


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


async def test_a_key_or_a_time_that_is_none_stops_nobody(bench):
    handled = asyncio.Event()

    async def hear(delivery, session):
        handled.set()

    async with hearing(bench, {PromotionRequested: hear}), bench.reader(MODELS_EVENTS) as events:
        await bench.send(MODELS_REQUESTS, b"{}", key=b"\x01", headers=ce("odd key"), partition=1)
        await bench.send(MODELS_REQUESTS, b"{}", headers=ce("odd time"), partition=1, timestamp_ms=-(2**61))
        await bench.send(MODELS_REQUESTS, json.dumps(PROMOTION).encode(), headers=ce("after odd"), partition=1)
        told = await answers_to(["odd key", "odd time"], events)
        async with asyncio.timeout(20):
            await handled.wait()
    assert [one["subject"] for one in told] == ["odd key", "pump"]


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
