"""The alias topic, read from its beginning to its end, then followed. No group: every replica reads all of it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress

from aiokafka import TopicPartition

from babbitt.chassis.errors import Malformed, Unavailable
from babbitt.chassis.kafka import kafka_errors, origin_of
from babbitt.chassis.logs import logger
from babbitt.chassis.metrics import SKIPPED
from babbitt.chassis.settings import Settings
from babbitt.chassis.unreadable import ReadableConsumer, Record, UnreadableRecord
from babbitt.contracts.cloudevents import decode
from babbitt.contracts.errors import UnknownType
from babbitt.contracts.models import AliasAssigned
from babbitt.contracts.topics import MODELS_ALIASES
from babbitt.inference.application.serve_models import ServeModels

_LOG = logger(__name__)

type Bury = Callable[[Record, str], Awaitable[None]]
"""Keeps a record that could not be read as a dead letter, with the reason."""


class AliasTopic:
    """Tells `models` what every reference points at.

    Attributes:
        caught_up: set once everything that was there at the start has been read.
    """

    def __init__(self, settings: Settings, models: ServeModels, bury: Bury) -> None:
        self._settings = settings
        self._models = models
        self._bury = bury
        self._name = MODELS_ALIASES.full_name(settings.kafka_prefix)
        self._next: dict[TopicPartition, int] = {}
        self.caught_up = asyncio.Event()

    async def run(self) -> None:
        """Read and follow until cancelled; after a failure it goes on where it was."""
        while True:
            try:
                async with self._consumer() as consumer:
                    ends = await self._start(consumer)
                    while True:
                        if not self.caught_up.is_set() and await _reached(consumer, ends):
                            self.caught_up.set()
                        with kafka_errors():
                            record = await consumer.getone()
                        await self._take(record)
            except Unavailable as error:
                _LOG.warning("aliases wait", reason=str(error))
                await asyncio.sleep(0.5)

    async def _start(self, consumer: ReadableConsumer) -> dict[TopicPartition, int]:
        """Go to where reading goes on; where the topic ends now, by partition."""
        partitions = [TopicPartition(self._name, number) for number in range(MODELS_ALIASES.partitions)]
        with kafka_errors():
            consumer.assign(partitions)
            for partition in partitions:
                consumer.seek(partition, self._next.get(partition, 0))
            return await consumer.end_offsets(partitions)

    async def _take(self, record: Record) -> None:
        try:
            self._tell(record)
        except UnknownType:
            SKIPPED.labels(MODELS_ALIASES.name).inc()
        except Malformed as error:
            await self._bury(record, error.detail)
        self._next[TopicPartition(record.topic, record.partition)] = record.offset + 1

    def _tell(self, record: Record) -> None:
        if isinstance(record, UnreadableRecord):
            raise Malformed(record.reason)
        if record.value is None:
            self._models.remove((record.key or b"").decode("utf-8", "replace"))
            return
        delivery = decode(MODELS_ALIASES, record.value, record.headers, origin_of(MODELS_ALIASES, record))
        if isinstance(delivery.message, AliasAssigned):
            self._models.assign(delivery.message, delivery.envelope.revision)

    @asynccontextmanager
    async def _consumer(self) -> AsyncGenerator[ReadableConsumer]:
        consumer = ReadableConsumer(
            bootstrap_servers=self._settings.kafka_bootstrap_servers,
            client_id=f"{self._settings.kafka_prefix}{self._settings.instance}",
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        try:
            with kafka_errors():
                await consumer.start()
            yield consumer
        finally:
            with suppress(Unavailable), kafka_errors():
                async with asyncio.timeout(5):
                    await consumer.stop()


async def _reached(consumer: ReadableConsumer, ends: Mapping[TopicPartition, int]) -> bool:
    with kafka_errors():
        return all([await consumer.position(partition) >= end for partition, end in ends.items()])
