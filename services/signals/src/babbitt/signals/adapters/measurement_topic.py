"""Measurements onto Kafka, as any sensor gateway puts them there."""

import asyncio
from asyncio import Future
from collections.abc import AsyncGenerator, Awaitable, Generator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.conn import collect_hosts

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.kafka import MAX_BATCH_BYTES, close_producer, kafka_errors
from babbitt.contracts.cloudevents import headers_of
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.waveform import CONTENT_TYPE, encode_samples, waveform_headers
from babbitt.signals.domain.fleet.fleet import FleetMeasurement

SOURCE = "/babbitt/fleet"
WAITED_S = 10.0
"""For the broker; the producer itself waits for ever for one that has gone."""
HIGHEST_PORT = 65_535


def are_addresses(bootstrap: str) -> bool:
    """Whether it is what the producer reads as hosts with ports, without looking for them."""
    try:
        return all(host and 0 < port <= HIGHEST_PORT for host, port, _ in collect_hosts(bootstrap))
    except ValueError:
        return False


class MeasurementTopic:
    """One message a measurement: binary CloudEvents headers, key machine, samples as they are."""

    def __init__(self, producer: AIOKafkaProducer, topic: str) -> None:
        self._producer = producer
        self._topic = topic

    async def send(self, measurement: FleetMeasurement) -> Awaitable[object]:
        """As `Measurements.send`."""
        value, encoding = encode_samples(measurement.samples)
        envelope = Envelope.of(measurement.taken, id=measurement.id, source=SOURCE, time=measurement.said_at)
        headers = headers_of(envelope, CONTENT_TYPE) + waveform_headers(measurement.taken, encoding)
        with kafka_errors():
            async with asyncio.timeout(WAITED_S):
                sent = await self._producer.send(
                    self._topic, value, key=measurement.taken.key().encode(), headers=headers
                )
        return _OnTheWay(sent)


class _OnTheWay:
    """Ends when the broker has it; who gives up need not wait for it."""

    def __init__(self, sent: Future[Any]) -> None:
        self._sent = sent
        sent.add_done_callback(_heard)

    def __await__(self) -> Generator[Any, None, None]:
        return self._taken().__await__()

    async def _taken(self) -> None:
        with kafka_errors():
            async with asyncio.timeout(WAITED_S):
                await self._sent


def _heard(sent: Future[Any]) -> None:
    """When the broker goes away, the first measurement that is waited for says so; the others need not."""
    if not sent.cancelled():
        sent.exception()


@asynccontextmanager
async def measurement_topic(bootstrap_servers: str, topic: str) -> AsyncGenerator[MeasurementTopic]:
    """Connected while the context is open.

    Raises:
        Unavailable: no broker answers, or the topic is not there.
    """
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap_servers,
        client_id="babbitt-fleet",
        acks="all",
        enable_idempotence=True,
        max_batch_size=MAX_BATCH_BYTES,
        request_timeout_ms=int(WAITED_S * 1_000),
    )
    try:
        with kafka_errors():
            await producer.start()
            known = await producer.client.fetch_all_metadata()
        if topic not in known.topics():
            raise Unavailable("kafka", f"topic {topic} is not there, the deploy step makes it")
        yield MeasurementTopic(producer, topic)
    finally:
        await close_producer(producer, within_s=1.0)  # what was begun has been waited for
