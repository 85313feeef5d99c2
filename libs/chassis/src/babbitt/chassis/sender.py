"""Sending in order, acknowledged, by a producer that is replaced once it has failed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.kafka import close_producer, kafka_errors, make_producer
from babbitt.chassis.settings import Settings
from babbitt.contracts.topics import TOPICS

_STOP_S = 5.0
_DEALT = {topic.name: topic for topic in TOPICS if topic.dealt}


@dataclass(frozen=True, slots=True, eq=False)
class Outgoing:
    """A message that is ready to be sent; its topic is without the installation's prefix."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]

    @property
    def partition(self) -> int | None:
        """Where it goes; None: by the hash of its key."""
        topic = _DEALT.get(self.topic)
        return topic.partition_of(self.key) if topic else None


class Sender:
    """Sends for one service; connects when it first has to.

    Args:
        timeout_s: what is not acknowledged within this has failed.
    """

    def __init__(self, settings: Settings, *, timeout_s: float = 15.0) -> None:
        self._settings = settings
        self._timeout_s = timeout_s
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def send(self, messages: Sequence[Outgoing]) -> None:
        """Send, and return when all are acknowledged. After an error some may have been sent.

        Raises:
            Unavailable: the broker is away.
            KafkaError: it does not take one of them, now or later.
        """
        producer, prefix = None, self._settings.kafka_prefix
        try:
            with kafka_errors():
                async with asyncio.timeout(self._timeout_s):
                    producer = await self._started()
                    acknowledgements = [
                        await producer.send(prefix + one.topic, one.value, one.key, one.partition, headers=one.headers)
                        for one in messages
                    ]
                    await asyncio.gather(*acknowledgements)
        except (Unavailable, KafkaError):
            await self._drop(producer)
            raise

    async def stop(self) -> None:
        """Disconnect."""
        await self._drop(self._producer)

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = make_producer(self._settings)
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    async def _drop(self, producer: AIOKafkaProducer | None) -> None:
        """A producer that failed may be out of sequence for good: the next one starts anew."""
        if producer is None or producer is not self._producer:
            return
        self._producer = None
        await close_producer(producer, within_s=_STOP_S)
