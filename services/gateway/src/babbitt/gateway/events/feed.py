"""What every replica has to see: all streamed topics, read without a group.

Aliases are read from their beginning, heartbeats of the last seconds, the rest from now on. What is read goes to
listeners (aliases, roster, replies) and into the tail. Results have a feed of their own: a fetch names all partitions
of its consumer, both ways, and there is one fetch for each result of a lone caller.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.kafka import kafka_errors
from babbitt.chassis.logs import logger
from babbitt.chassis.metrics import SKIPPED
from babbitt.chassis.readiness import Readiness
from babbitt.chassis.settings import Settings
from babbitt.chassis.unreadable import ReadableConsumer, Record, UnreadableRecord
from babbitt.contracts.errors import MalformedMessage, UnknownType
from babbitt.contracts.topics import MODELS_ALIASES, PREDICTIONS_RESULTS, SYSTEM_HEARTBEATS, Topic
from babbitt.gateway.events.frames import StreamedRecord
from babbitt.gateway.events.selection import Place
from babbitt.gateway.events.tail import Tail
from babbitt.gateway.producer import Producer

_LOG = logger(__name__)

HEARTBEATS_SINCE_S = 10.0
FETCH_WAIT_MS, CALLERS_FETCH_WAIT_MS = 500, 100
"""A partition whose records were taken late is left out of one fetch: where callers wait, that one has to be short."""

type Listener = Callable[[Record], None]
"""Takes a record at once; a MalformedMessage that it raises is a dead letter."""


class Feed:
    """Reads some topics for as long as it runs; ready once it has read what was there when it began.

    Args:
        check: its name in readiness.
        listeners: who takes the records of a topic; None: nobody, they are only streamed.
        fetch_wait_ms: how long a fetch may wait for data.
    """

    def __init__(
        self,
        settings: Settings,
        readiness: Readiness,
        check: str,
        tail: Tail,
        listeners: Mapping[Topic, Listener | None],
        producer: Producer,
        *,
        fetch_wait_ms: int = FETCH_WAIT_MS,
    ) -> None:
        self._settings = settings
        self._readiness = readiness
        self._check = check
        self._tail = tail
        self._listeners = listeners
        self._producer = producer
        self._fetch_wait_ms = fetch_wait_ms
        self._topics = {topic.full_name(settings.kafka_prefix): topic for topic in listeners}
        self._places = [(topic.name, number) for topic in listeners for number in range(topic.partitions)]
        self._until: dict[Place, int] | None = None

    async def run(self) -> None:
        """Read until cancelled; a broker that is away is waited for, and nothing is left out meanwhile."""
        while True:
            consumer = streaming_consumer(self._settings, self._fetch_wait_ms)
            try:
                with kafka_errors():
                    await consumer.start()
                    await self._take_places(consumer)
                    await self._read(consumer)
            except Unavailable as error:
                self._readiness.unready(self._check, str(error))
                _LOG.warning("the feed waits", reason=str(error))
                await asyncio.sleep(0.5)
            finally:
                with suppress(KafkaError):
                    await consumer.stop()

    async def _take_places(self, consumer: ReadableConsumer) -> None:
        partitions = {place: partition_of(self._settings, place) for place in self._places}
        consumer.assign(list(partitions.values()))
        if self._until is None:
            ends = await consumer.end_offsets(list(partitions.values()))
            until = {place: ends[partition] for place, partition in partitions.items()}
            self._tail.begin(until | await self._earlier(consumer))
            self._until = until  # not before: where the broker goes away meanwhile, all of this is done again
        for place, partition in partitions.items():
            consumer.seek(partition, self._tail.next_offsets[place])

    async def _earlier(self, consumer: ReadableConsumer) -> dict[Place, int]:
        """Where reading begins before the end: all aliases, and the heartbeats of those who are alive."""
        mine = {place: partition_of(self._settings, place) for place in self._places}
        aliases = {place: partition for place, partition in mine.items() if place[0] == MODELS_ALIASES.name}
        beats = {place: partition for place, partition in mine.items() if place[0] == SYSTEM_HEARTBEATS.name}
        begins = await consumer.beginning_offsets(list(aliases.values()))
        earlier = {place: begins[partition] for place, partition in aliases.items()}
        since_ms = int((time.time() - HEARTBEATS_SINCE_S) * 1000)
        found = await consumer.offsets_for_times(dict.fromkeys(beats.values(), since_ms)) if beats else {}
        for place, partition in beats.items():
            if (at := found[partition]) is not None:
                earlier[place] = at.offset
        return earlier

    async def _read(self, consumer: ReadableConsumer) -> None:
        ready = await self._caught_up(consumer)
        while True:
            for partition, records in (await consumer.getmany(timeout_ms=1000)).items():
                topic = self._topics[partition.topic]
                listener = self._listeners.get(topic)
                if listener is not None:
                    self._tell(listener, topic, records)
                self._tail.append([StreamedRecord(topic, record) for record in records])
            ready = ready or await self._caught_up(consumer)

    async def _caught_up(self, consumer: ReadableConsumer) -> bool:
        """Whether everything is read that was there at the beginning; says so to readiness."""
        for place, end in (self._until or {}).items():
            if await consumer.position(partition_of(self._settings, place)) < end:
                return False
        self._readiness.ready(self._check)
        return True

    def _tell(self, listener: Listener, topic: Topic, records: Sequence[Record]) -> None:
        for record in records:
            if isinstance(record, UnreadableRecord):
                self._malformed(topic, record, record.reason)
                continue
            try:
                listener(record)
            except UnknownType:
                SKIPPED.labels(topic.name).inc()
            except MalformedMessage as error:
                self._malformed(topic, record, error.detail)
            except Exception as error:  # noqa: BLE001 - the process's edge: one record must not end what all wait on
                SKIPPED.labels(topic.name).inc()
                _LOG.error("a record failed", topic=topic.name, offset=record.offset, exc_info=error)

    def _malformed(self, topic: Topic, record: Record, reason: str) -> None:
        """Count it; a dead letter only for what has no group of its own that says it, and not again at every start."""
        SKIPPED.labels(topic.name).inc()
        new = record.offset >= (self._until or {}).get((topic.name, record.partition), 0)
        if topic is not PREDICTIONS_RESULTS and new:
            self._producer.bury_soon(topic, record, reason)
        else:
            _LOG.warning("skipped", topic=topic.name, offset=record.offset, reason=reason)


def streaming_consumer(
    settings: Settings, fetch_wait_ms: int = FETCH_WAIT_MS, *, partition_bytes: int = 1_048_576
) -> ReadableConsumer:
    """A consumer without a group, which holds up to `partition_bytes` of each partition, or else a single batch.

    Where its offset is lost to retention, it goes on with what is there.
    """
    return ReadableConsumer(
        bootstrap_servers=settings.kafka_bootstrap_servers,
        client_id=f"{settings.kafka_prefix}{settings.instance}",
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=fetch_wait_ms,
        max_partition_fetch_bytes=partition_bytes,
    )


def partition_of(settings: Settings, place: Place) -> TopicPartition:
    """A place on the broker."""
    return TopicPartition(f"{settings.kafka_prefix}{place[0]}", place[1])
