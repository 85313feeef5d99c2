"""The replica's producer on the data plane: predictions out, and dead letters.

Not idempotent on purpose: a repeat is harmless here (the first result is the answer), while a producer that has fallen
out of sequence would have to be replaced under the callers.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from babbitt.chassis.dead_letters import dead_letter
from babbitt.chassis.errors import Unavailable
from babbitt.chassis.kafka import close_producer, kafka_errors, make_producer, origin_of
from babbitt.chassis.lifecycle import unless
from babbitt.chassis.logs import logger
from babbitt.chassis.metrics import DEAD_LETTERS
from babbitt.chassis.readiness import Readiness
from babbitt.chassis.settings import Settings
from babbitt.chassis.unreadable import Record
from babbitt.contracts.topics import Topic, dead_letters

_LOG = logger(__name__)

CHECK = "producer"
MOST_GRAVES = 50
"""A record has 1 MB at most: so many of them fit a replica."""

type _Grave = tuple[Topic, Record, str]


class Producer:
    """Sends records; declared first, started later. Until then the broker counts as away."""

    def __init__(self, settings: Settings, readiness: Readiness) -> None:
        self._settings = settings
        self._readiness = readiness
        self._client: AIOKafkaProducer | None = None
        self._graves: asyncio.Queue[_Grave] = asyncio.Queue(MOST_GRAVES)

    @asynccontextmanager
    async def running(self, stop: asyncio.Event) -> AsyncGenerator[None]:
        """Send while the context is open; what was taken is sent before it closes.

        Raises:
            Stopped: `stop` was set before the broker was there.
        """
        client = make_producer(self._settings, enable_idempotence=False)
        try:
            await unless(stop, self._start(client))
            self._client = client
            self._readiness.ready(CHECK)
            yield
        finally:
            self._client = None
            await close_producer(client, within_s=self._settings.drain_s)

    async def send(
        self, topic: Topic, *, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes]]
    ) -> None:
        """Send a record; returns when the broker has it.

        Raises:
            Unavailable: not started.
            KafkaError: the broker is away, or refuses.
        """
        if self._client is None:
            raise Unavailable("kafka", "the producer is not started")
        name = topic.full_name(self._settings.kafka_prefix)
        await self._client.send_and_wait(name, value, key=key, headers=list(headers))

    async def bury(self, topic: Topic, record: Record, reason: str, *, kind: str = "malformed") -> None:
        """Say that a record of `topic` could not be read. If the broker takes no such message, only the log tells.

        Raises:
            Unavailable: the broker is away.
        """
        origin, service = origin_of(topic, record), self._settings.service
        _LOG.warning("dead letter", topic=origin.topic, partition=origin.partition, offset=origin.offset, reason=reason)
        key, value, told = dead_letter(
            record.key, record.value, record.headers, origin, kind=kind, reason=reason, consumer=service
        )
        try:
            with kafka_errors():
                await self.send(dead_letters(service), key=key, value=value, headers=told)
        except KafkaError as error:
            _LOG.error("a dead letter is lost", topic=topic.name, offset=record.offset, reason=str(error))
            return
        DEAD_LETTERS.labels(topic.name, kind).inc()

    def bury_soon(self, topic: Topic, record: Record, reason: str) -> None:
        """As `bury`, without waiting: for those who must not. Under a flood of them only the log tells."""
        try:
            self._graves.put_nowait((topic, record, reason))
        except asyncio.QueueFull:
            _LOG.error("a dead letter is lost", topic=topic.name, offset=record.offset, reason=reason)

    async def dig(self) -> None:
        """Bury, for ever, what was handed over; while the broker is away, later."""
        while True:
            topic, record, reason = await self._graves.get()
            while True:
                try:
                    await self.bury(topic, record, reason)
                except Unavailable as error:
                    _LOG.info("a dead letter waits", reason=str(error))
                    await asyncio.sleep(1)
                else:
                    break

    async def _start(self, client: AIOKafkaProducer) -> None:
        while True:
            try:
                with kafka_errors():
                    await client.start()
            except Unavailable as error:
                _LOG.warning("waiting for kafka", reason=str(error))
                self._readiness.unready(CHECK, str(error))
                await asyncio.sleep(0.5)
            else:
                return
