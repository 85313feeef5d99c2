"""Measurements onto Kafka, as any sensor gateway puts them there."""

from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.kafka import MAX_BATCH_BYTES, kafka_errors
from babbitt.contracts.cloudevents import headers_of
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.waveform import CONTENT_TYPE, encode_samples, waveform_headers
from babbitt.signals.domain.fleet.fleet import FleetMeasurement

SOURCE = "/babbitt/fleet"
WAITED_MS = 10_000


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
            sent = await self._producer.send(self._topic, value, key=measurement.taken.key().encode(), headers=headers)
        return _taken(sent)


async def _taken(sent: Awaitable[object]) -> None:
    with kafka_errors():
        await sent


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
        request_timeout_ms=WAITED_MS,
    )
    try:
        with kafka_errors():
            await producer.start()
            known = await producer.client.fetch_all_metadata()
        if topic not in known.topics():
            raise Unavailable("kafka", f"topic {topic} is not there, the deploy step makes it")
        yield MeasurementTopic(producer, topic)
    finally:
        await producer.stop()
