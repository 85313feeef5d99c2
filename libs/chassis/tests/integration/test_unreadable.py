"""A consumer that no record can stop, on a real broker, whichever way it is read."""

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from babbitt.chassis.unreadable import ReadableConsumer, UnreadableRecord

pytestmark = pytest.mark.integration

PARTITIONS = 3


class NotUtf8(str):
    """The name of a header that no client can read."""

    __slots__ = ()

    def encode(self, *_):
        return b"\xff\xfe"


class Wire:
    """A topic of its own; records are numbered by their values."""

    def __init__(self, kafka, topic, producer):
        self.bootstrap_servers = kafka.bootstrap_servers
        self.topic = topic
        self.places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        self._producer = producer

    async def send(self, *values, partition=0, headers=()):
        """One batch of records; a value of None stands for one that cannot be read."""
        batch = self._producer.create_batch()
        batch._builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, 0, 100_000)
        for value in values:
            named = [(NotUtf8("x"), b"1")] if value is None else list(headers)
            batch.append(key=b"k", value=str(value).encode(), timestamp=None, headers=named)
        batch.close()
        return await (await self._producer.send_batch(batch, self.topic, partition=partition))

    @asynccontextmanager
    async def consumer(self, *topics, **options):
        options = {"group_id": None, "enable_auto_commit": False, "auto_offset_reset": "earliest", **options}
        consumer = ReadableConsumer(*topics, bootstrap_servers=self.bootstrap_servers, **options)
        await consumer.start()
        try:
            if not topics:
                consumer.assign(self.places)
                for place in self.places:
                    consumer.seek(place, 0)
            yield consumer
        finally:
            await consumer.stop()


@pytest.fixture
async def wire(kafka, kafka_prefix, request):
    """Its broker compresses as the test says."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    await admin.start()
    topic = f"{kafka_prefix}unreadable"
    compression = {"compression.type": getattr(request, "param", "producer")}
    await admin.create_topics([NewTopic(topic, PARTITIONS, 1, topic_configs=compression)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers)
    await producer.start()
    yield Wire(kafka, topic, producer)
    await producer.stop()


async def one(consumer):
    return [await consumer.getone()]


async def few(consumer):
    batch = await consumer.getmany(timeout_ms=1000, max_records=2)
    assert sum(map(len, batch.values())) <= 2
    return [record for records in batch.values() for record in records]


async def many(consumer):
    batch = await consumer.getmany(timeout_ms=1000)
    return [record for records in batch.values() for record in records]


async def read(consumer, count, how=many):
    """What was read, by partition: values, and None for what cannot be read; each in its place."""
    found, next_offsets = defaultdict(list), {}
    async with asyncio.timeout(30):
        while sum(map(len, found.values())) < count:
            for record in await how(consumer):
                assert record.offset == next_offsets.get(record.partition, record.offset)
                next_offsets[record.partition] = record.offset + 1
                unreadable = isinstance(record, UnreadableRecord)
                found[record.partition].append(None if unreadable else record.value.decode())
    return dict(found)


@pytest.mark.parametrize("how", [one, few, many])
async def test_what_cannot_be_read_comes_in_its_turn_and_nothing_beside_it_is_lost_or_doubled(wire, how):
    expected = {}
    for partition in range(PARTITIONS):
        expected[partition] = values = [f"{partition}-{number}" for number in range(20)]
        if partition:
            values[7:7] = [None]
            values[15:15] = [None, None]
        for value in values:
            await wire.send(value, partition=partition)
    async with wire.consumer() as consumer:
        assert await read(consumer, 66, how) == expected
        await wire.send(None, partition=0)
        await wire.send("after", partition=0)
        assert await read(consumer, 2, how) == {0: [None, "after"]}


@pytest.mark.parametrize("how", [one, many])
async def test_what_follows_in_the_same_batch_cannot_be_read_either_and_the_next_batch_can(wire, how):
    await wire.send("a", "b", None, "c", "d")
    await wire.send("e", "f")
    async with wire.consumer() as consumer:
        assert await read(consumer, 7, how) == {0: ["a", "b", None, None, None, "e", "f"]}


async def test_a_long_way_to_what_cannot_be_read_is_gone_in_small_steps(wire):
    for first in range(0, 2000, 200):
        await wire.send(*range(first, first + 200), partition=1)
    await wire.send(None, partition=1)
    async with wire.consumer() as consumer:
        first = await consumer.getmany(timeout_ms=1000)
        while not first:
            first = await consumer.getmany(timeout_ms=1000)
        assert len(first[wire.places[1]]) == 1, "what it gathered on the way is not kept in memory"
        rest = await read(consumer, 2000)
    assert rest == {1: [str(number) for number in range(1, 2000)] + [None]}


async def test_it_says_why_and_a_dead_letter_can_be_made_of_it(wire):
    sent = await wire.send(None, partition=2)
    async with wire.consumer() as consumer:
        record = await consumer.getone()
    assert (record.topic, record.partition, record.offset) == (wire.topic, 2, sent.offset)
    assert (record.key, record.value, record.headers) == (None, None, ())
    assert record.reason == "the client cannot read the record: the name of a header is not UTF-8"


async def test_sought_back_it_comes_again(wire):
    await wire.send("a")
    await wire.send(None)
    await wire.send("b")
    async with wire.consumer() as consumer:
        for _ in range(2):
            assert await read(consumer, 3) == {0: ["a", None, "b"]}
            consumer.seek(wire.places[0], 0)


async def test_a_header_without_a_value_is_empty(wire):
    await wire.send("a", headers=[("none", None), ("some", b"1")])
    async with wire.consumer() as consumer:
        assert list((await consumer.getone()).headers) == [("none", b""), ("some", b"1")]


@pytest.mark.parametrize("wire", ["gzip", "lz4", "snappy", "zstd"], indirect=True)
async def test_whatever_a_client_compresses_by_is_read(wire):
    await wire.send("a", "b")
    async with wire.consumer() as consumer:
        assert await read(consumer, 2) == {0: ["a", "b"]}


async def test_what_another_member_has_read_since_does_not_come_again(wire):
    group = {"group_id": wire.topic, "heartbeat_interval_ms": 200, "session_timeout_ms": 6_000}
    async with wire.consumer(wire.topic, **group) as staying:
        for partition in range(PARTITIONS):
            await wire.send("a", partition=partition)
        await read(staying, PARTITIONS)
        await staying.commit()
        async with wire.consumer(wire.topic, **group) as leaving:
            async with asyncio.timeout(30):
                while not leaving.assignment():
                    await leaving.getmany(timeout_ms=100)
                    await staying.getmany(timeout_ms=100)
            theirs = {place.partition for place in leaving.assignment()}
            for partition in theirs:
                await wire.send("b", partition=partition)
            await read(leaving, len(theirs))
            await leaving.commit()
        async with asyncio.timeout(30):
            while len(staying.assignment()) < PARTITIONS:
                await staying.getmany(timeout_ms=100)
        for partition in range(PARTITIONS):
            await wire.send(None, partition=partition)
        assert await read(staying, PARTITIONS) == {partition: [None] for partition in range(PARTITIONS)}
