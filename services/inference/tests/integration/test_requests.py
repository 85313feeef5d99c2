"""What becomes of requests, on a real broker."""

import asyncio
import subprocess
import sys
import time

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from babbitt.chassis.kafka import group_id
from babbitt.contracts.predictions import PredictionCompleted
from babbitt.contracts.topics import PREDICTIONS_REQUESTS
from babbitt.contracts.waveform import encode_samples

pytestmark = pytest.mark.integration


@pytest.fixture
async def serving(client, replica, tiny_onnx):
    await client.promote(tiny_onnx(), 1)
    return await replica().ready()


async def lag(client, serving):
    """Requests whose offset is not committed."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=client.settings.kafka_bootstrap_servers,
        group_id=group_id(serving.settings, PREDICTIONS_REQUESTS),
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        name = client.name(PREDICTIONS_REQUESTS)
        partitions = [TopicPartition(name, number) for number in range(PREDICTIONS_REQUESTS.partitions)]
        ends = await consumer.end_offsets(partitions)
        return sum([ends[partition] - (await consumer.committed(partition) or 0) for partition in partitions])
    finally:
        await consumer.stop()


async def test_an_answer_carries_what_lets_a_gateway_filter_it_unread(client, serving):
    asked = await client.ask(
        reply_to="gateway-1", more=[("traceparent", b"00-" + b"1" * 32 + b"-" + b"2" * 16 + b"-01")]
    )
    await client.answer(asked)
    record = await client.results.first(lambda record: record.key == str(asked).encode())
    headers = dict(record.headers)
    assert (headers["reply_to"], headers["prediction_id"]) == (b"gateway-1", str(asked).encode())
    assert headers["traceparent"].startswith(b"00-111")


async def test_speed_and_orders_travel_with_the_waveform_and_the_answer_says_what_was_made_of_them(
    client, serving, reading_onnx, reading_spec
):
    await client.promote(reading_onnx(), 2, reference="challenger", model_spec=reading_spec)
    await client.until_serving(2)
    asked = {"reference": "challenger", "shaft_speed_hz": 20.0}
    refused = await client.answer(await client.ask(**asked))
    assert "fault_orders" in refused.problem.detail
    answer = await client.answer(await client.ask(**asked, fault_orders=(6.0, 7.0, 2.0, 0.4)))
    assert (answer.fault, answer.novel, answer.novelty) == ("oilwhirl", False, 1.0)
    assert answer.input.shaft_speed_hz == pytest.approx(20.2)
    assert answer.input.shaft_speed_source == "refined"


async def test_malformed_messages_among_good_ones_are_buried_and_the_good_ones_answered(client, serving):
    good, bad = [], []
    for turn in range(4):
        good.append(await client.ask(1.0, partition=turn % 2))
        bad.append(await client.ask(1.0, partition=turn % 2, value=b"\0" * turn))
        await client.send(PREDICTIONS_REQUESTS, b"not a waveform", key=None, partition=turn % 2)
        await client.send(PREDICTIONS_REQUESTS, b"x", headers=[("bbt_model", None)], partition=turn % 2)
    good.append(await client.ask(-1.0, partition=0))
    answers = [await client.answer(asked) for asked in good]
    assert [answer.fault for answer in answers] == ["oilwhirl"] * 4 + ["sain"]
    assert {(await client.answer(asked)).problem.status for asked in bad} == {422}
    async with asyncio.timeout(20):
        while len(client.dead.records) < 12:
            await asyncio.sleep(0.02)
    said = dict(client.dead.records[0].headers)
    assert said["dlq_topic"] == b"predictions.requests.v1"
    async with asyncio.timeout(20):
        while await lag(client, serving):
            await asyncio.sleep(0.05)


async def test_a_record_that_the_client_cannot_read_is_stepped_over_and_nothing_beside_it_is_lost(
    client, replica, tiny_onnx
):
    await client.promote(tiny_onnx(), 1)
    asked = [await client.ask(partition=number % 8) for number in range(40)]
    places = [
        await client.send_unreadable(PREDICTIONS_REQUESTS, 3),
        await client.send_unreadable(PREDICTIONS_REQUESTS, 5),
        await client.send_unreadable(PREDICTIONS_REQUESTS, 3),
    ]
    asked += [await client.ask(partition=number % 8) for number in range(40)]
    serving = await replica().ready()
    asked += [await client.ask(partition=number % 8) for number in range(8)]
    places.append(await client.send_unreadable(PREDICTIONS_REQUESTS, 0))
    asked += [await client.ask(partition=number % 8) for number in range(8)]
    answers = [await client.answer(one) for one in asked]
    assert {answer.fault for answer in answers} == {"oilwhirl"}
    for place in places:
        record = await client.dead.first(
            lambda record, place=place: (
                dict(record.headers)["dlq_partition"] == str(place.partition).encode()
                and dict(record.headers)["dlq_offset"] == str(place.offset).encode()
            )
        )
        assert b"UTF-8" in dict(record.headers)["dlq_reason"]
    async with asyncio.timeout(20):
        while await lag(client, serving):
            await asyncio.sleep(0.05)


async def test_an_answer_that_the_broker_does_not_take_is_a_short_failure_and_holds_nobody_up(client, serving):
    before = await client.ask(partition=0)
    # no UTF-8: each byte becomes three in the answer, which is over the topic's limit with them
    asked = await client.ask(more=[("bbt_warnings", b'["' + b"\xff" * 400_000 + b'"]')], partition=0)
    after = await client.ask(partition=0)
    answer = await client.answer(asked)
    assert answer.problem.status == 500
    assert "does not take" in answer.problem.detail
    assert [(await client.answer(one)).fault for one in (before, after)] == ["oilwhirl"] * 2
    async with asyncio.timeout(20):
        while await lag(client, serving):
            await asyncio.sleep(0.05)


async def test_a_deadline_that_passed_while_nobody_was_there_is_answered_and_not_begun(client, replica, tiny_onnx):
    await client.promote(tiny_onnx(), 1)
    late = await client.ask(deadline_ms=int(time.time() * 1000))
    await replica().ready()
    answer = await client.answer(late)
    assert answer.problem.status == 504
    assert answer.problem.type.endswith("deadline-passed")


async def test_claimed_samples_are_answered_and_a_claim_that_is_gone_is_malformed(client, serving, waveform):
    raw, _ = encode_samples(waveform(-1.0))
    there = await client.gateway.put("gateway/claims/one", raw)
    claim = {"claim_key": there.key, "claim_sha256": there.sha256}
    kept = await client.ask(value=b"", encoding=claim)
    gone = await client.ask(value=b"", encoding=claim | {"claim_key": "gateway/claims/none"})
    assert (await client.answer(kept)).fault == "sain"
    assert (await client.answer(gone)).problem.status == 422
    record = await client.dead.first(lambda record: True)
    assert b"is gone" in dict(record.headers)["dlq_reason"]


class Load:
    """Asks steadily until told to stop."""

    def __init__(self, client):
        self.asked = []
        self._client = client
        self._stop = asyncio.Event()

    async def run(self):
        while not self._stop.is_set():
            self.asked.append(await self._client.ask())
            await asyncio.sleep(0.002)

    async def reached(self, more):
        """Wait until `more` further requests were sent."""
        wanted = len(self.asked) + more
        async with asyncio.timeout(60):
            while len(self.asked) < wanted:
                await asyncio.sleep(0.01)

    def stop(self):
        self._stop.set()


async def all_answered(client, load):
    answers = [await client.answer(asked) for asked in load.asked]
    failed = [answer for answer in answers if not isinstance(answer, PredictionCompleted)]
    assert not failed
    return answers


async def test_a_rolling_restart_of_two_replicas_under_load_loses_no_request(client, replica, tiny_onnx):
    await client.promote(tiny_onnx(), 1)
    first, second = replica("inference-0"), replica("inference-1")
    await asyncio.gather(first.ready(), second.ready())
    load = Load(client)
    async with asyncio.TaskGroup() as group:
        group.create_task(load.run())
        await load.reached(50)
        await first.stop()
        await load.reached(50)
        first = await replica("inference-0").ready()
        await load.reached(50)
        await second.stop()
        await load.reached(50)
        await replica("inference-1").ready()
        await load.reached(50)
        load.stop()
    await all_answered(client, load)
    repeats = len(client.results.records) - len(load.asked)
    assert repeats == 0, "a restart in order commits what it has answered"


async def test_a_replica_that_is_killed_leaves_its_requests_to_the_other(client, replica, tiny_onnx):
    await client.promote(tiny_onnx(), 1)
    await replica("inference-0").ready()
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "babbitt.inference", env=client.environment("inference-1"), stdout=subprocess.DEVNULL
    )
    try:
        await client.until_serving(1, "inference-1")
        load = Load(client)
        async with asyncio.TaskGroup() as group:
            group.create_task(load.run())
            await load.reached(100)
            killed.kill()
            await killed.wait()
            await load.reached(100)
            load.stop()
        await all_answered(client, load)
    finally:
        if killed.returncode is None:
            killed.kill()
            await killed.wait()


async def test_a_broker_that_restarts_under_load_costs_no_request(client, replica, tiny_onnx, kafka):
    await client.promote(tiny_onnx(), 1)
    serving = await replica().ready()
    load = Load(client)
    async with asyncio.TaskGroup() as group:
        group.create_task(load.run())
        await load.reached(30)
        await asyncio.to_thread(kafka.restart)
        await load.reached(30)
        load.stop()
    await all_answered(client, load)
    await serving.ready()
    assert not client.dead.records
    await client.promote(tiny_onnx(gain=3.0), 2)
    await client.until_serving(2)
    assert (await client.answer(await client.ask())).model.version == 2
