"""A bug is bounded: three tries, a dead letter, and whoever waits is told."""

import asyncio
import json

import pytest

from babbitt.chassis.errors import Malformed, Unavailable
from babbitt.chassis.metrics import DEAD_LETTERS
from babbitt.contracts.model_requests import PromotionRequested, RollbackRequested
from babbitt.contracts.topics import MODELS_EVENTS, MODELS_REQUESTS, dead_letters

from .hearing import PROMOTION, answer_to, ce, hearing

pytestmark = pytest.mark.integration


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
        if ends == "when the store is back" and len(ended) < 2:
            raise Unavailable("object store", "away")

    letters = await bench.ends(dead_letters("registry"))
    counter = DEAD_LETTERS.labels(MODELS_REQUESTS.name, "bug")
    counted = counter._value.get()
    async with hearing(bench, {PromotionRequested: fail}, given_up=end):
        for one in (event_id, f"after {event_id}"):
            await bench.send(MODELS_REQUESTS, json.dumps(PROMOTION).encode(), headers=ce(one), partition=1)
        async with asyncio.timeout(30):
            await heard.wait()
    assert ended == ["KeyError: 'bug'"] * (2 if ends == "when the store is back" else 1)
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
