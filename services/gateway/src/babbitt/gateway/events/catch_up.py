"""Older events than the ring holds: read from the broker by a consumer of the reader's own, few at once."""

from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager

from aiokafka import TopicPartition

from babbitt.chassis.kafka import kafka_errors
from babbitt.chassis.settings import Settings
from babbitt.chassis.unreadable import ReadableConsumer
from babbitt.contracts.topics import Topic
from babbitt.gateway.errors import InvalidCursor, TooManyStreams
from babbitt.gateway.events.feed import partition_of, streaming_consumer
from babbitt.gateway.events.frames import StreamedRecord
from babbitt.gateway.events.selection import STREAMED, Place

PARTITION_BYTES = 262_144
"""Of each of two dozen partitions, for each reader that catches up: a few megabytes."""

_TOPICS: Mapping[str, Topic] = {topic.name: topic for topic in STREAMED}


class CatchUps:
    """Counts them.

    Args:
        most: how many readers may catch up at once.
    """

    def __init__(self, settings: Settings, most: int) -> None:
        self._settings = settings
        self._most = most
        self._running = 0

    @contextmanager
    def slot(self) -> Generator[None]:
        """One of the readers that may catch up, while the context is open.

        Raises:
            TooManyStreams: there are enough.
        """
        if self._running >= self._most:
            detail = f"{self._most} readers are catching up with older events; come again"
            raise TooManyStreams(detail, headers={"Retry-After": "5"})
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    @asynccontextmanager
    async def reading(self, offsets: Mapping[Place, int]) -> "AsyncGenerator[CatchUp]":
        """A catch-up from `offsets`, while the context is open.

        Raises:
            InvalidCursor: an offset lies beyond what was ever written.
            Unavailable: the broker is away.
        """
        consumer = streaming_consumer(self._settings, partition_bytes=PARTITION_BYTES)
        places = {partition_of(self._settings, place): place for place in offsets}
        with kafka_errors():
            try:
                await consumer.start()
                consumer.assign(list(places))
                begins = await consumer.beginning_offsets(list(places))
                ends = await consumer.end_offsets(list(places))
                if any(offset > ends[partition_of(self._settings, place)] for place, offset in offsets.items()):
                    raise InvalidCursor("Last-Event-ID: lies beyond what was ever written")
                for partition, place in places.items():
                    consumer.seek(partition, max(begins[partition], offsets[place]))
                yield CatchUp(consumer, places)
            finally:
                await consumer.stop()


class CatchUp:
    """One reader's way from where it was to where the ring begins."""

    def __init__(self, consumer: ReadableConsumer, places: Mapping[TopicPartition, Place]) -> None:
        self._consumer = consumer
        self._places = places

    async def batch(self) -> list[StreamedRecord]:
        """Some more records; none for a second where there are no more."""
        with kafka_errors():
            batch = await self._consumer.getmany(timeout_ms=1000, max_records=500)
        return [
            StreamedRecord(_TOPICS[self._places[partition][0]], record)
            for partition, records in batch.items()
            for record in records
        ]

    async def positions(self) -> dict[Place, int]:
        """Up to where each partition was read: further than its last record where compaction or retention passed."""
        return {place: await self._consumer.position(partition) for partition, place in self._places.items()}
