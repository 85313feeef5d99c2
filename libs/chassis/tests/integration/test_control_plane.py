"""How messages end, on a real broker and a real database."""

import asyncio
import json

import pytest

from babbitt.chassis.errors import Refused, Unavailable
from babbitt.chassis.metrics import SKIPPED
from babbitt.contracts.model_requests import PromotionRequested, RollbackRequested
from babbitt.contracts.names import derived_id
from babbitt.contracts.topics import MODELS_EVENTS, MODELS_REQUESTS, TRAINING_EVENTS, dead_letters
from babbitt.contracts.training import TrainCompleted

from .hearing import PROMOTION, ce, hearing, promote

pytestmark = pytest.mark.integration


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
