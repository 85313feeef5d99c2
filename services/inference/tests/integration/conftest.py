"""Inference on a real broker: replicas that run, and a client who asks them."""

import asyncio
import os
import socket
import struct
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.record.util import calc_crc32c

from babbitt.chassis.deploy import make_topics
from babbitt.chassis.kafka import make_producer
from babbitt.chassis.lifecycle import until_stopped
from babbitt.chassis.objects import ObjectStore
from babbitt.chassis.settings import Settings
from babbitt.contracts.cloudevents import headers_of
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.names import new_id
from babbitt.contracts.predictions import ModelUnhealthy, PredictionCompleted, PredictionFailed
from babbitt.contracts.topics import (
    DIAGNOSTICS_EVENTS,
    MODELS_ALIASES,
    PREDICTIONS_REQUESTS,
    PREDICTIONS_RESULTS,
    SYSTEM_HEARTBEATS,
    TOPICS,
    dead_letters,
)
from babbitt.contracts.waveform import encode_samples, waveform_headers
from babbitt.inference.main import serve
from babbitt.inference.settings import InferenceSettings

DEADLINE_S = 30
RESULTS = {b"PredictionCompleted": PredictionCompleted, b"PredictionFailed": PredictionFailed}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Reader:
    """All records of a topic from its beginning, as they come."""

    def __init__(self, consumer):
        self.records = []
        self._consumer = consumer
        self._more = asyncio.Condition()
        self._task = asyncio.create_task(self._read())

    async def _read(self):
        async for record in self._consumer:
            async with self._more:
                self.records.append(record)
                self._more.notify_all()

    async def first(self, wanted, deadline_s=DEADLINE_S):
        """The first record of which `wanted` says yes."""
        async with asyncio.timeout(deadline_s), self._more:
            await self._more.wait_for(lambda: any(wanted(record) for record in self.records))
        return next(record for record in self.records if wanted(record))

    async def close(self):
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._consumer.stop()


class Replica:
    """A replica of inference, in this process."""

    def __init__(self, settings):
        self.settings = settings
        self.stop_event = asyncio.Event()
        self.url = f"http://127.0.0.1:{settings.health_port}"
        self._task = asyncio.create_task(until_stopped(serve(settings, self.stop_event)))

    async def reasons(self):
        async with httpx.AsyncClient() as client:
            try:
                return (await client.get(f"{self.url}/health/ready", timeout=5)).json()["reasons"]
            except httpx.TransportError:
                return {"process": "does not answer"}

    async def ready(self):
        async with asyncio.timeout(DEADLINE_S):
            while await self.reasons():
                assert not self._task.done(), self._task
                await asyncio.sleep(0.02)
        return self

    async def stop(self):
        self.stop_event.set()
        await self._task


class Client:
    """Promotes models and asks for predictions, as registry and gateway do."""

    def __init__(self, settings, producer, objects_url, readers, request_for, assigned, waveform):
        self.settings = settings
        self.producer = producer
        self.registry = ObjectStore(objects_url, "registry")
        self.gateway = ObjectStore(objects_url, "gateway")
        self.results, self.diagnostics, self.dead, self.heartbeats = readers
        self._request_for = request_for
        self._assigned = assigned
        self._waveform = waveform
        self._sequence = 0

    def environment(self, instance):
        """For a replica that is a process of its own."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("BABBITT_")}
        shared = ("kafka_bootstrap_servers", "kafka_prefix", "object_store_url")
        given = {Settings.variable(name): getattr(self.settings, name) for name in shared}
        return inherited | given | {"BABBITT_INSTANCE": instance}

    def name(self, topic):
        return topic.full_name(self.settings.kafka_prefix)

    async def send(self, topic, value, *, key=None, headers=(), partition=None):
        return await self.producer.send_and_wait(
            self.name(topic), value, key=key, headers=list(headers), partition=partition
        )

    async def send_unreadable(self, topic, partition):
        """Send a record with a header whose name is not UTF-8, which aiokafka refuses to read."""
        producer = AIOKafkaProducer(bootstrap_servers=self.settings.kafka_bootstrap_servers)
        await producer.start()
        try:
            batch = producer.create_batch()
            batch.append(key=b"k", value=b"v", timestamp=None, headers=[("unreadable", b"1")])
            build = batch._build

            def damaged():
                content = bytearray(bytes(build()).replace(b"unreadable", b"\xff\xfereadable"))
                content[17:21] = struct.pack(">I", calc_crc32c(content[21:]))
                return content

            batch._build = damaged
            return await (await producer.send_batch(batch, self.name(topic), partition=partition))
        finally:
            await producer.stop()

    async def promote(self, content, version, *, reference="champion", corrupt=False, sequence=None, **more):
        """Assert that an alias points at a version whose artifact is `content`."""
        artifact = await self.registry.put_addressed("artifacts", content)
        if corrupt:
            await self.registry.put(artifact.key, content[:-1] + b"\0")
        self._sequence = sequence or self._sequence + 1
        event = self._assigned(content, reference=reference, version=version, **more)
        envelope = Envelope.of(
            event, id=new_id(), source="/babbitt/registry", time=event.assigned_at, sequence=self._sequence
        )
        await self.send(
            MODELS_ALIASES, event.model_dump_json().encode(), key=event.key().encode(), headers=headers_of(envelope)
        )
        return event

    async def ask(self, level=1.0, *, value=None, partition=None, more=(), encoding=None, **fields):
        """Send a request; its prediction id."""
        request = self._request_for(**fields)
        raw, described = encode_samples(self._waveform(level))
        headers = [*waveform_headers(request, described.model_copy(update=encoding or {})), *more]
        await self.send(
            PREDICTIONS_REQUESTS,
            raw if value is None else value,
            key=request.key().encode(),
            headers=headers,
            partition=partition,
        )
        return request.prediction_id

    async def answer(self, prediction_id):
        """The first result of a prediction, which is the answer."""
        key = str(prediction_id).encode()
        record = await self.results.first(lambda record: record.key == key)
        return RESULTS[dict(record.headers)["ce_type"]].model_validate_json(record.value)

    async def until_serving(self, version, instance=None):
        """Wait for a heartbeat that says so."""
        said = f'"version":{version},'.encode()
        await self.heartbeats.first(
            lambda record: (instance is None or record.key == instance.encode()) and said in record.value
        )

    async def unhealthy(self, version):
        record = await self.diagnostics.first(
            lambda record: ModelUnhealthy.model_validate_json(record.value).version == version
        )
        return ModelUnhealthy.model_validate_json(record.value)


class TestSettings(Settings):
    service = "gateway"


@pytest.fixture
async def client(kafka, kafka_prefix, tmp_path, request_for, assigned, waveform):
    ours = tuple(topic for topic in TOPICS if "inference" in (*topic.writers, *topic.readers))
    await make_topics(kafka.bootstrap_servers, kafka_prefix, 1, ours)
    settings = TestSettings(
        instance="client",
        kafka_bootstrap_servers=kafka.bootstrap_servers,
        kafka_prefix=kafka_prefix,
        object_store_url=(tmp_path / "objects").as_uri(),
    )
    async with AsyncExitStack() as stack:
        readers = [
            await stack.enter_async_context(reading(kafka, topic.full_name(kafka_prefix)))
            for topic in (PREDICTIONS_RESULTS, DIAGNOSTICS_EVENTS, dead_letters("inference"), SYSTEM_HEARTBEATS)
        ]
        producer = make_producer(settings, request_timeout_ms=60_000)  # a broker may take long to restart here
        await producer.start()
        stack.push_async_callback(producer.stop)
        yield Client(settings, producer, settings.object_store_url, readers, request_for, assigned, waveform)


@asynccontextmanager
async def reading(kafka, topic):
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=kafka.bootstrap_servers, group_id=None, auto_offset_reset="earliest"
    )
    await consumer.start()
    reader = Reader(consumer)
    try:
        yield reader
    finally:
        await reader.close()


@pytest.fixture
async def replica(client):
    """Starts replicas; they are stopped at the end."""
    started = []

    def start(instance="inference-0", **more):
        shared = client.settings.model_dump(include={"kafka_bootstrap_servers", "kafka_prefix", "object_store_url"})
        settings = InferenceSettings(**({**shared, "instance": instance, "health_port": free_port()} | more))
        started.append(Replica(settings))
        return started[-1]

    yield start
    for one in started:
        one.stop_event.set()
    await asyncio.gather(*(one.stop() for one in started), return_exceptions=True)
