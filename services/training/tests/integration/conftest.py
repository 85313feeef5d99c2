"""Training on a real broker and a real database, in this process or as one of its own."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy import text

import babbitt.training
from babbitt.chassis.clock import utc_now
from babbitt.chassis.database import make_engine, make_sessions, transaction
from babbitt.chassis.kafka import make_producer, origin_of
from babbitt.chassis.lifecycle import until_stopped
from babbitt.chassis.migrations import migrate
from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.cloudevents import decode, headers_of
from babbitt.contracts.datasets import DatasetReady
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.names import new_id
from babbitt.contracts.topics import DATASETS_EVENTS, TRAINING_EVENTS, TRAINING_REQUESTS
from babbitt.contracts.training_requests import TrainRequested
from babbitt.native.processes import Process
from babbitt.training.main import serve
from babbitt.training.settings import TrainingSettings

DEADLINE_S = 100
LEASE_S = 8.0


class Heard:
    """The events of training from the topic's beginning, as they come."""

    def __init__(self, following):
        self._following = following
        self.deliveries = []

    async def until(self, kind, /, **wanted):
        """The first event of a kind with these fields."""
        for delivery in self.deliveries:
            if _is(delivery, kind, wanted):
                return delivery.message
        while True:
            record = await self._following()
            delivery = decode(TRAINING_EVENTS, record.value, record.headers, origin_of(TRAINING_EVENTS, record))
            self.deliveries.append(delivery)
            if _is(delivery, kind, wanted):
                return delivery.message

    def of(self, kind, job_id):
        """All deliveries of a kind about a job so far."""
        return [delivery for delivery in self.deliveries if _is(delivery, kind, {"job_id": job_id})]


def _is(delivery, kind, wanted):
    message = delivery.message
    return isinstance(message, kind) and all(getattr(message, name) == value for name, value in wanted.items())


class Bench:
    """A client's view of the service, and the service's own parts."""

    def __init__(self, installation, sessions, folder: Path):
        self.installation, self.sessions, self.folder = installation, sessions, folder
        objects = installation.objects.resolve().as_uri()
        self.signals, self.store = ObjectStore(objects, "signals"), ObjectStore(objects, "training")

    def environment(self, instance="training-0", **own):
        return self.installation.environment(
            "training",
            BABBITT_INSTANCE=instance,
            BABBITT_TRAINING_LEASE_S=str(LEASE_S),
            BABBITT_TRAINING_THREADS="1",
            BABBITT_TRAINING_SCRATCH_FOLDER=str(self.folder / "scratch"),
        ) | {f"BABBITT_TRAINING_{name}".upper(): str(value) for name, value in own.items()}

    @asynccontextmanager
    async def running(self, instance="training-0", **own):
        """The service in this process; it has ended in order afterwards."""
        stop = asyncio.Event()
        task = asyncio.create_task(until_stopped(serve(TrainingSettings.read(self.environment(instance, **own)), stop)))
        try:
            yield
        finally:
            stop.set()
            async with asyncio.timeout(DEADLINE_S):
                await task

    @asynccontextmanager
    async def process(self, instance="training-0"):
        """The service as a process, which ends with this one."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("BABBITT_")}
        process = Process(instance, self.folder)
        process.start(
            [sys.executable, "-m", "babbitt.training"],
            environment=inherited | self.environment(instance),
            end_with_parent=signal.SIGKILL,
        )
        try:
            yield process
        finally:
            await asyncio.to_thread(process.stop)

    async def until_logged(self, process, message):
        async with asyncio.timeout(DEADLINE_S):
            while message not in await asyncio.to_thread(process.log_file.read_text):
                await asyncio.sleep(0.05)

    async def say(self, topic, message, *, source="/test", event_id=None, sequence=1):
        """Say a message with its envelope."""
        envelope = Envelope.of(message, id=event_id or new_id(), source=source, time=utc_now(), sequence=sequence)
        value, key = message.model_dump_json(exclude_none=True).encode(), message.key().encode()
        await self.send(topic, value, headers_of(envelope), key)

    async def send(self, topic, value, headers=(), key=None):
        producer = make_producer(TrainingSettings.read(self.environment()))
        await producer.start()
        try:
            name = topic.full_name(self.installation.prefix)
            return await producer.send_and_wait(name, value, key=key, headers=list(headers))
        finally:
            await producer.stop()

    async def ask(self, manifest, *, event_id=None, **fields):
        """Ask for a job."""
        fields = {"model": "pump", "preset": "spectral_small", "quick": True, **fields}
        request = TrainRequested(dataset=manifest.dataset_id, **fields)
        await self.say(TRAINING_REQUESTS, request, event_id=event_id)

    async def store_dataset(self, folder, manifest):
        """Put a dataset where signals puts it; the event that says so."""
        for shard in manifest.shards:
            await self.signals.put(shard.key, folder / shard.key.rsplit("/", 1)[-1])
        prefix = manifest.shards[0].key.rsplit("/", 1)[0]
        reference = await self.signals.put(f"{prefix}/manifest.json", folder / "manifest.json")
        return DatasetReady(
            dataset_id=manifest.dataset_id,
            manifest=reference,
            data_spec=manifest.data_spec,
            split_kind="record",
            counts={},
        )

    async def make_ready(self, ready):
        await self.say(DATASETS_EVENTS, ready, source="/babbitt/signals")

    @asynccontextmanager
    async def events(self):
        async with self.reader(TRAINING_EVENTS) as following:
            yield Heard(following)

    @asynccontextmanager
    async def reader(self, topic):
        """A function that returns the next record of a topic, from now on."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.installation.bootstrap_servers, group_id=None)
        await consumer.start()
        name = topic.full_name(self.installation.prefix)
        partitions = [TopicPartition(name, number) for number in range(topic.partitions)]
        consumer.assign(partitions)
        await consumer.seek_to_end(*partitions)
        for partition in partitions:  # else the position is found when the first record is asked for
            await consumer.position(partition)

        async def following():
            async with asyncio.timeout(DEADLINE_S):
                return await consumer.getone()

        try:
            yield following
        finally:
            await consumer.stop()

    async def column(self, query, **parameters):
        async with transaction(self.sessions) as session:
            return await session.scalar(text(query), parameters)


@pytest.fixture(scope="module")
def migrated(installation):
    migrate(TrainingSettings.read(installation.environment("training")), babbitt.training.__file__)
    return installation


@pytest.fixture
async def bench(migrated, tmp_path):
    engine = make_engine(TrainingSettings.read(migrated.environment("training")))
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "TRUNCATE jobs, device_leases, studies, trials, datasets, model_references, cancellations, "
                "inbox, outbox"
            )
        )
    yield Bench(migrated, make_sessions(engine), tmp_path)
    await engine.dispose()


@pytest.fixture
async def ready(bench, dataset):
    """A dataset in the object store; the event that says so, which nobody has heard yet."""
    return await bench.store_dataset(*dataset)


def is_fit(process: psutil.Process) -> bool:
    try:
        return "fit" in process.cmdline()
    except psutil.NoSuchProcess:  # a zombie counts as gone
        return False


@pytest.fixture
def children():
    """A function that waits for the fits that a process runs, or for their end."""

    async def fits(pid=None, *, there=True):
        async with asyncio.timeout(DEADLINE_S):
            while True:
                found = [child for child in psutil.Process(pid).children(recursive=True) if is_fit(child)]
                if bool(found) == there:
                    return found
                await asyncio.sleep(0.05)

    return fits
