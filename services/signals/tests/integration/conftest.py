"""Signals on a real broker and a real database, in this process or as one of its own."""

import asyncio
import contextlib
import os
import signal
import sys
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy import text

import babbitt.signals
from babbitt.chassis.clock import utc_now
from babbitt.chassis.database import make_engine, make_sessions, transaction
from babbitt.chassis.kafka import make_producer, origin_of
from babbitt.chassis.lifecycle import until_stopped
from babbitt.chassis.migrations import migrate
from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.cloudevents import headers_of, read_envelope, read_message
from babbitt.contracts.datasets import DatasetCancelled, DatasetDeleted, DatasetFailed, DatasetProgressed, DatasetReady
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.names import new_id
from babbitt.contracts.problems import RequestRefused
from babbitt.contracts.topics import DATASETS_EVENTS, DATASETS_REQUESTS
from babbitt.signals.main import serve
from babbitt.signals.settings import SignalsSettings

KINDS = (DatasetCancelled, DatasetDeleted, DatasetFailed, DatasetProgressed, DatasetReady, RequestRefused)
EVENTS = {kind.type_name(): kind for kind in KINDS}
DEADLINE_S = 90
WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


class Bench:
    """A client's view of the service, and the service's own parts."""

    def __init__(self, installation, sessions):
        self.installation = installation
        self.sessions = sessions
        self.objects = installation.objects.resolve().as_uri()
        self.uploads = ObjectStore(self.objects, "gateway")

    def environment(self, instance="signals-0"):
        return self.installation.environment("signals", BABBITT_INSTANCE=instance, BABBITT_GROUP_SESSION_S="6")

    def settings(self, instance="signals-0"):
        return SignalsSettings.read(self.environment(instance))

    @asynccontextmanager
    async def running(self, instance="signals-0"):
        """The service in this process; it has ended in order afterwards."""
        stop = asyncio.Event()
        task = asyncio.create_task(until_stopped(serve(self.settings(instance), stop)))
        try:
            yield
        finally:
            stop.set()
            async with asyncio.timeout(DEADLINE_S):
                await task

    @asynccontextmanager
    async def process(self, instance="signals-0"):
        """The service as a process; `kill()` on it is SIGKILL."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("BABBITT_")}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "babbitt.signals", env=environment | self.environment(instance)
        )
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(DEADLINE_S):
                await process.wait()

    async def send(self, value, *, topic=DATASETS_REQUESTS, headers=(), key=None):
        producer = make_producer(self.settings())
        await producer.start()
        try:
            name = topic.full_name(self.installation.prefix)
            return await producer.send_and_wait(name, value, key=key, headers=list(headers))
        finally:
            await producer.stop()

    async def tell(self, message):
        """Say a message as another service would."""
        envelope = Envelope.of(message, id=new_id(), source="/test", time=utc_now(), sequence=1)
        await self.send(
            message.model_dump_json().encode(),
            topic=message.topic(),
            headers=headers_of(envelope),
            key=message.key().encode(),
        )

    async def counted(self, query):
        """The one value of a query, in a transaction of its own."""
        async with transaction(self.sessions) as session:
            return await session.scalar(query)

    async def until_one_waits_for_a_lock(self):
        async with asyncio.timeout(DEADLINE_S):
            while not await self.counted(WAITING):
                await asyncio.sleep(0.01)

    async def ask(self, configuration, event_id=None):
        """Ask for a dataset, as a bare line of JSON or with an envelope."""
        headers = []
        if event_id:
            attributes = {"specversion": "1.0", "id": event_id, "source": "/test", "type": "DatasetRequested"}
            headers = [(f"ce_{name}", value.encode()) for name, value in attributes.items()]
        body = f'{{"configuration": {configuration.model_dump_json()}}}'
        return await self.send(body.encode(), headers=headers)

    @asynccontextmanager
    async def events(self):
        """A function that waits for the next event of a kind, and has kept all that came before in `.seen`."""
        async with self.reader(DATASETS_EVENTS) as following:

            async def until(kind, subject=None):
                while True:
                    record = await following()
                    origin = origin_of(DATASETS_EVENTS, record)
                    envelope, data = read_envelope(DATASETS_EVENTS, record.value, record.headers, origin)
                    delivery = read_message(EVENTS[envelope.type], envelope, data, origin)
                    until.seen.append(delivery)
                    if envelope.type == kind.type_name() and subject in {None, envelope.subject}:
                        return delivery

            until.seen = []
            yield until

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


@pytest.fixture(scope="module")
def migrated(installation):
    migrate(SignalsSettings.read(installation.environment("signals")), babbitt.signals.__file__)
    return installation


@pytest.fixture
async def bench(migrated):
    engine = make_engine(SignalsSettings.read(migrated.environment("signals")))
    async with engine.begin() as connection:
        await connection.execute(text("TRUNCATE datasets, shards, lineage, inbox, outbox"))
    yield Bench(migrated, make_sessions(engine))
    await engine.dispose()
