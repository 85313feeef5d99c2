import asyncio
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from sqlalchemy import insert

from babbitt.chassis.database import make_engine, make_sessions
from babbitt.chassis.kafka import make_producer
from babbitt.chassis.settings import DatabaseSettings
from babbitt.chassis.tables import MESSAGING, RELAY


class RegistrySettings(DatabaseSettings):
    service = "registry"


class Bench:
    """A service's parts against a real broker and database, and a client's view from outside."""

    def __init__(self, installation, sessions, engine):
        self.installation = installation
        self.sessions = sessions
        self.engine = engine

    def settings(self, instance="registry-0"):
        return RegistrySettings.read(self.installation.environment("registry", BABBITT_INSTANCE=instance))

    def name(self, topic):
        return topic.full_name(self.installation.prefix)

    async def send(self, topic, value, *, key=b"pump", headers=(), **more):
        producer = make_producer(self.settings())
        await producer.start()
        try:
            return await producer.send_and_wait(self.name(topic), value, key=key, headers=list(headers), **more)
        finally:
            await producer.stop()

    async def send_batch(self, topic, value, *, headers, partition):
        """As `send`, by the pure-Python encoder, which takes header names that are not UTF-8."""
        producer = make_producer(self.settings(), enable_idempotence=False)
        await producer.start()
        try:
            batch = producer.create_batch()
            batch._builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, 0, 100_000)
            batch.append(key=b"pump", value=value, timestamp=None, headers=headers)
            batch.close()
            return await (await producer.send_batch(batch, self.name(topic), partition=partition))
        finally:
            await producer.stop()

    @asynccontextmanager
    async def reader(self, topic):
        """An async function that returns the next record, from the topic's beginning."""
        consumer = AIOKafkaConsumer(
            self.name(topic),
            bootstrap_servers=self.installation.bootstrap_servers,
            auto_offset_reset="earliest",
            group_id=None,
        )
        await consumer.start()

        async def following(deadline_s=20):
            async with asyncio.timeout(deadline_s):
                return await consumer.getone()

        try:
            yield following
        finally:
            await consumer.stop()

    async def ends(self, topic):
        """Records of a topic so far."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.installation.bootstrap_servers, group_id=None)
        await consumer.start()
        try:
            parts = [TopicPartition(self.name(topic), number) for number in range(topic.partitions)]
            return sum((await consumer.end_offsets(parts)).values())
        finally:
            await consumer.stop()


@pytest.fixture
async def bench(installation):
    settings = RegistrySettings.read(installation.environment("registry"))
    engine = make_engine(settings)
    async with engine.begin() as connection:
        await connection.run_sync(MESSAGING.drop_all)
        await connection.run_sync(MESSAGING.create_all)
        await connection.execute(insert(RELAY).values(id=1))
    yield Bench(installation, make_sessions(engine), engine)
    await engine.dispose()
