"""What `inference` says, sent by one idempotent producer and acknowledged before it counts as said."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.kafka import kafka_errors, make_producer
from babbitt.chassis.logs import logger
from babbitt.chassis.settings import Settings
from babbitt.contracts.topics import Topic

_LOG = logger(__name__)

_SEND_S = 15.0
_LONGEST_WAIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that is ready to be sent."""

    topic: Topic
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class KafkaAnnouncer:
    """Sends messages for as long as it takes. A repeat is possible: the first answer on the topic is the answer."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._names: dict[Topic, str] = {}
        self._producer: AIOKafkaProducer | None = None
        self._renewing = asyncio.Lock()

    async def start(self) -> None:
        """Connect, so that the first answer need not wait for it.

        Raises:
            Unavailable: the broker is away; `say` connects by itself later.
        """
        await self._current()

    async def say(self, messages: Sequence[Outgoing]) -> None:
        """Send, and return when every message is acknowledged; tried again while the broker is away."""
        wait_s = 0.1
        while True:
            producer = None
            try:
                producer = await self._current()
                with kafka_errors():
                    async with asyncio.timeout(_SEND_S):
                        await self._send(producer, messages)
            except Unavailable as error:
                _LOG.warning("what is to be said waits", messages=len(messages), reason=str(error))
                await self._drop(producer)
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
            else:
                return

    async def stop(self) -> None:
        """Disconnect."""
        await self._drop(self._producer)

    async def _send(self, producer: AIOKafkaProducer, messages: Sequence[Outgoing]) -> None:
        acknowledgements = [
            await producer.send(
                self._name(message.topic), key=message.key, value=message.value, headers=message.headers
            )
            for message in messages
        ]
        await asyncio.gather(*acknowledgements)

    def _name(self, topic: Topic) -> str:
        name = self._names.get(topic)
        if name is None:
            name = self._names[topic] = topic.full_name(self._settings.kafka_prefix)
        return name

    async def _current(self) -> AIOKafkaProducer:
        if self._producer is None:
            async with self._renewing:
                if self._producer is None:
                    self._producer = await self._started()
        return self._producer

    async def _started(self) -> AIOKafkaProducer:
        producer = make_producer(self._settings)
        try:
            with kafka_errors():
                await producer.start()
        except BaseException:
            with suppress(Unavailable), kafka_errors():
                await producer.stop()
            raise
        return producer

    async def _drop(self, failed: AIOKafkaProducer | None) -> None:
        """A producer that failed may be out of sequence for good: the next one starts anew."""
        if failed is None or failed is not self._producer:
            return
        self._producer = None
        with suppress(Unavailable), kafka_errors():
            async with asyncio.timeout(5):
                await failed.stop()
