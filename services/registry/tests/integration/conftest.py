"""The registry on a real broker and a real database, in this process or as one of its own."""

import asyncio
import contextlib
import os
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy import text

import babbitt.registry
from babbitt.chassis.database import make_engine, make_sessions, transaction
from babbitt.chassis.kafka import make_producer, origin_of
from babbitt.chassis.lifecycle import until_stopped
from babbitt.chassis.migrations import migrate
from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.catalogue import messages_on
from babbitt.contracts.cloudevents import headers_of, read_envelope, read_message
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.models import AliasAssigned, ModelGateEvaluated, ModelRegistered
from babbitt.contracts.names import new_id
from babbitt.contracts.topics import MODELS_ALIASES, MODELS_EVENTS, dead_letters
from babbitt.registry.adapters.object_store import StoredArtifacts
from babbitt.registry.adapters.postgres import PostgresModels
from babbitt.registry.adapters.postgres_artifacts import PostgresArtifacts
from babbitt.registry.adapters.postgres_policies import PostgresPolicies
from babbitt.registry.adapters.postgres_test_splits import PostgresTestSplits
from babbitt.registry.adapters.stored_test_files import StoredTestFiles
from babbitt.registry.adapters.tables import METADATA
from babbitt.registry.adapters.trusted_keys import TrustedKeys
from babbitt.registry.application.judge_version import JudgeVersion
from babbitt.registry.application.register_version import RegisterVersion
from babbitt.registry.main import serve
from babbitt.registry.settings import RegistrySettings

DEADLINE_S = 90
NEVER_EMPTIED = ("alias_history", "versions", "gate_results")


class Reader:
    """All records of a topic from a place on, as they come."""

    def __init__(self, topic, consumer):
        self.deliveries = []
        self.records = []
        self._topic = topic
        self._consumer = consumer
        self._more = asyncio.Condition()
        self._task = asyncio.create_task(self._read())

    async def _read(self):
        async for record in self._consumer:
            async with self._more:
                self.records.append(record)
                if record.value is not None and self._topic.kind != "dead_letters":
                    origin = origin_of(self._topic, record)
                    envelope, data = read_envelope(self._topic, record.value, record.headers, origin)
                    contract = messages_on(self._topic)[envelope.type]
                    self.deliveries.append(read_message(contract, envelope, data, origin))
                self._more.notify_all()

    async def until(self, wanted):
        """Wait until `wanted` says yes of this reader."""
        async with asyncio.timeout(DEADLINE_S), self._more:
            await self._more.wait_for(lambda: wanted(self))
        return self

    async def first(self, kind, **fields):
        """The first message of a kind with these fields."""

        def found(reader):
            return next(
                (
                    delivery
                    for delivery in reader.deliveries
                    if isinstance(delivery.message, kind)
                    and all(getattr(delivery.message, name) == value for name, value in fields.items())
                ),
                None,
            )

        return found(await self.until(found))

    def of(self, kind):
        return [delivery.message for delivery in self.deliveries if isinstance(delivery.message, kind)]

    async def close(self):
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._consumer.stop()


class Bench:
    """What training and gateway say to the registry, and what readers see of it."""

    def __init__(self, installation, sessions, completed, store_predictions):
        self.installation = installation
        self.sessions = sessions
        self.training = ObjectStore(installation.objects.resolve().as_uri(), "training")
        self._completed = completed
        self._store_predictions = store_predictions

    def environment(self, instance="registry-0", **more):
        return self.installation.environment("registry", BABBITT_INSTANCE=instance, BABBITT_GROUP_SESSION_S="6", **more)

    def settings(self, instance="registry-0", **more):
        return RegistrySettings.read(self.environment(instance, **more))

    @asynccontextmanager
    async def running(self, instance="registry-0", **more):
        """The service in this process; it has ended in order afterwards."""
        stop = asyncio.Event()
        task = asyncio.create_task(until_stopped(serve(self.settings(instance, **more), stop)))
        try:
            yield
        finally:
            stop.set()
            async with asyncio.timeout(DEADLINE_S):
                await task

    @asynccontextmanager
    async def process(self, instance="registry-0"):
        """The service as a process; `kill()` on it is SIGKILL."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("BABBITT_")}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "babbitt.registry", env=environment | self.environment(instance)
        )
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            async with asyncio.timeout(DEADLINE_S):
                await process.wait()

    async def send(self, topic, value, *, key=None, headers=(), partition=None):
        producer = make_producer(self.settings())
        await producer.start()
        try:
            name = topic.full_name(self.installation.prefix)
            return await producer.send_and_wait(name, value, key=key, headers=list(headers), partition=partition)
        finally:
            await producer.stop()

    async def say(self, message, *, event_id=None, source="/test"):
        """Send a message with its envelope; the event's id."""
        envelope = Envelope.of(message, id=event_id or new_id(), source=source, time=datetime.now(UTC))
        await self.send(
            message.topic(),
            message.model_dump_json().encode(),
            key=message.key().encode(),
            headers=headers_of(envelope),
        )
        return envelope.id

    async def train(self, content=b"onnx", **more):
        """A job ends with an artifact; what training says."""
        told = await self.completed(content, **more)
        await self.say(told, source="/babbitt/training")
        return told

    async def completed(self, content=b"onnx", **more):
        """What training says of a job that has ended, with its files in the store."""
        artifact = await self.training.put_addressed("artifacts", content)
        predictions = await self._store_predictions(self.training, **more)
        return self._completed(**({"artifact": artifact, "predictions": predictions} | more))

    async def register(self, events, content=b"onnx", *, lost=False, **more):
        """A job ends, and the registry has judged what it made; the version. `lost`: its artifact is gone."""
        told = await self.completed(content, **more)
        if lost:
            await self.training.delete(told.artifact.key)
        await self.say(told, source="/babbitt/training")
        version = (await events.first(ModelRegistered, job_id=told.job_id)).message.version
        await events.first(ModelGateEvaluated, version=version, gate="no_worse")
        return version

    @asynccontextmanager
    async def reader(self, topic, *, beginning=False):
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.installation.bootstrap_servers, group_id=None, auto_offset_reset="earliest"
        )
        await consumer.start()
        partitions = [
            TopicPartition(topic.full_name(self.installation.prefix), number) for number in range(topic.partitions)
        ]
        consumer.assign(partitions)
        if not beginning:
            await consumer.seek_to_end(*partitions)
            for partition in partitions:  # else the position is found when the first record is asked for
                await consumer.position(partition)
        reader = Reader(topic, consumer)
        try:
            yield reader
        finally:
            await reader.close()

    def events(self):
        return self.reader(MODELS_EVENTS)

    def aliases(self):
        return self.reader(MODELS_ALIASES)

    def letters(self):
        return self.reader(dead_letters("registry"))


def board(reader):
    """What each reference points at, as a reader of the alias topic has it: the higher sequence stands."""
    standing = {}
    for record in reader.records:
        if record.value is None:
            standing.pop(record.key, None)
            continue
        sequence = dict(record.headers)["ce_sequence"]
        if record.key not in standing or sequence >= standing[record.key][1]:
            standing[record.key] = (AliasAssigned.model_validate_json(record.value).version, sequence)
    return {key.decode(): version for key, (version, _) in standing.items()}


@pytest.fixture(scope="session")
def standing():
    return board


@pytest.fixture(scope="module")
def migrated(installation):
    migrate(RegistrySettings.read(installation.environment("registry")), babbitt.registry.__file__)
    return installation


@pytest.fixture
async def bench(migrated, completed, store_predictions):
    engine = make_engine(RegistrySettings.read(migrated.environment("registry")))
    async with engine.begin() as connection:
        own = ", ".join(METADATA.tables)
        for state in ("DISABLE", "ENABLE"):
            for table in NEVER_EMPTIED:
                await connection.execute(text(f"ALTER TABLE {table} {state} TRIGGER USER"))
            if state == "DISABLE":
                await connection.execute(text(f"TRUNCATE {own}, inbox, outbox"))
    yield Bench(migrated, make_sessions(engine), completed, store_predictions)
    await engine.dispose()


@pytest.fixture
def registration(bench, now):
    """A function that composes a registration within a transaction, as the service does."""
    objects = ObjectStore(bench.settings().object_store_url, "registry")

    @asynccontextmanager
    async def beforehand():
        async with transaction(bench.sessions) as session:
            yield PostgresArtifacts(session)

    def make(session, outbox, *, artifacts=None):
        return RegisterVersion(
            PostgresModels(session),
            PostgresArtifacts(session),
            beforehand,
            artifacts or StoredArtifacts(objects),
            TrustedKeys({}),
            PostgresPolicies(session, bench.settings().policy),
            JudgeVersion(StoredTestFiles(objects), PostgresTestSplits(session)),
            outbox,
            now,
        )

    return make
