"""A record that cannot be read is a dead letter with its reason and its place, and what comes after it is heard."""

import asyncio
import json

import numpy as np
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from babbitt.chassis.metrics import SKIPPED
from babbitt.contracts.datasets import DatasetFailed
from babbitt.contracts.topics import (
    DATASETS_EVENTS,
    MODELS_ALIASES,
    MODELS_EVENTS,
    PREDICTIONS_RESULTS,
    SYSTEM_HEARTBEATS,
    TRAINING_EVENTS,
    dead_letters,
)

pytestmark = pytest.mark.integration

LETTERS = dead_letters("gateway")
TYPES = {
    DATASETS_EVENTS: "DatasetFailed",
    TRAINING_EVENTS: "TrainFailed",
    MODELS_EVENTS: "ModelRetired",
    MODELS_ALIASES: "AliasAssigned",
    PREDICTIONS_RESULTS: "PredictionCompleted",
    SYSTEM_HEARTBEATS: "ServiceHeartbeat",
}


def ce(type_, event_id="poison"):
    attributes = {"specversion": "1.0", "id": event_id, "source": "/test", "type": type_}
    return [(f"ce_{name}", value.encode()) for name, value in attributes.items()]


class Unreadable(str):
    """The name of a header that no client can read: not UTF-8."""

    __slots__ = ()

    def encode(self, *_):
        return b"\xff\xfe"


async def send_unreadable(world, topic):
    """A record whose header's name is not UTF-8, by the pure-Python encoder, which takes such names."""
    producer = AIOKafkaProducer(bootstrap_servers=world.installation.bootstrap_servers)
    await producer.start()
    try:
        batch = producer.create_batch()
        batch._builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, 0, 100_000)
        batch.append(key=b"x", value=b"{}", timestamp=None, headers=[(Unreadable("x"), b"1")])
        batch.close()
        return await (await producer.send_batch(batch, world.name(topic), partition=0))
    finally:
        await producer.stop()


async def letter_about(world, topic, sent):
    """The dead letter of a record, once it is there."""
    async with asyncio.timeout(60):
        while True:
            for letter in await world.records(LETTERS):
                said = {name: value.decode() for name, value in letter.headers if name.startswith("dlq_")}
                place = (said["dlq_topic"], int(said["dlq_partition"]), int(said["dlq_offset"]))
                if place == (topic.name, sent.partition, sent.offset):
                    return letter, said


@pytest.mark.parametrize("topic", TYPES, ids=lambda topic: topic.name)
@pytest.mark.parametrize(
    ("value", "typed", "reason"),
    [
        (b"\xff not JSON", True, "not JSON"),
        (b'{"nothing": "of it"}', True, "not its contract"),
        (b"{}", False, "envelope"),
    ],
    ids=["not JSON", "not its contract", "no envelope"],
)
async def test_poison_is_a_dead_letter_with_its_reason_and_its_place(world, gateway, topic, value, typed, reason):
    headers = ce(TYPES[topic], f"{topic.name}/{reason}") if typed else []
    sent = await world.send(topic, value, headers=headers, partition=0)
    letter, said = await letter_about(world, topic, sent)
    assert letter.value == value
    assert reason in said["dlq_reason"]
    assert said["dlq_kind"] == "malformed"
    assert said["dlq_consumer"] == "gateway"


async def test_what_comes_after_poison_is_heard_on_every_topic(world, api, inference, assigned, until):
    for topic, type_ in TYPES.items():
        for number in range(topic.partitions):
            await world.send(topic, b"poison", headers=ce(type_, f"{topic.name}/{number}"), partition=number)
    await world.say(DatasetFailed(dataset_id="a" * 64, reason="heard"))
    await inference.assign(assigned("after-poison"))

    async def heard():
        dataset = await api.get(f"/v1/datasets/{'a' * 64}")
        services = (await api.get("/v1/system/services")).json()["items"]
        known = (await api.get("/v1/models/after-poison/aliases")).status_code == 200
        served = any(one["model"] == "after-poison" for item in services for one in item["serves"])
        return dataset.status_code == 200 and known and served

    await until(heard)
    body = {"waveform": np.zeros(1024).tolist(), "sampling_rate_hz": 20480}
    answer = await api.post("/v1/models/after-poison/predictions", json=body)
    assert answer.status_code == 200, answer.text
    kept = await api.get(f"/v1/predictions/{answer.json()['prediction_id']}", headers={"Prefer": "wait=60"})
    assert kept.json()["state"] == "completed"


async def test_an_unknown_type_is_skipped_and_counted(world, api, inference, until):
    topics = (DATASETS_EVENTS, MODELS_ALIASES, SYSTEM_HEARTBEATS)
    before = {topic: SKIPPED.labels(topic.name)._value.get() for topic in topics}
    for topic in topics:
        await world.send(topic, b"{}", headers=ce("SaidByANewerVersion", f"new/{topic.name}"))

    async def counted():
        return all(SKIPPED.labels(topic.name)._value.get() > before[topic] for topic in topics)

    await until(counted)
    types = [dict(letter.headers).get("ce_type") for letter in await world.records(LETTERS)]
    assert b"SaidByANewerVersion" not in types


async def test_a_record_that_no_client_can_read_stops_nobody(world, gateway, api, inference, until):
    topics = (PREDICTIONS_RESULTS, SYSTEM_HEARTBEATS, MODELS_ALIASES)
    sent = [(topic, await send_unreadable(world, topic)) for topic in topics]
    for topic, record in sent:
        _, said = await letter_about(world, topic, record)
        assert "not UTF-8" in said["dlq_reason"]
    body = {"waveform": np.zeros(1024).tolist(), "sampling_rate_hz": 20480, "machine": "after"}
    answer = await api.post("/v1/models/pump/predictions", json=body)
    assert answer.status_code == 200, answer.text
    kept = await api.get(f"/v1/predictions/{answer.json()['prediction_id']}", headers={"Prefer": "wait=60"})
    assert kept.json()["state"] == "completed"


async def test_a_result_that_the_database_cannot_hold_does_not_keep_others_out_of_the_log(world, api, inference):
    body = {"waveform": np.zeros(1024).tolist(), "sampling_rate_hz": 20480}
    result = {
        "prediction_id": "01a1fdf3-0000-7000-8000-0000000000ff",
        "model_name": "pump",
        "reference": "champion",
        "model": {"name": "pump", "version": 1, "digest": "a" * 64},
        "fault": "nul \x00",
        "confidence": 1.0,
        "probabilities": {},
        "windows": 1,
        "input": {"sampling_rate_hz": 1.0},
        "completed_at": "2026-01-01T00:00:00Z",
    }
    bad = await world.send(PREDICTIONS_RESULTS, json.dumps(result).encode(), headers=ce("PredictionCompleted", "nul"))
    _, why = await letter_about(world, PREDICTIONS_RESULTS, bad)
    assert why["dlq_kind"] == "bug"
    answer = (await api.post("/v1/models/pump/predictions", json=body)).json()
    kept = await api.get(f"/v1/predictions/{answer['prediction_id']}", headers={"Prefer": "wait=60"})
    assert kept.json()["state"] == "completed"
