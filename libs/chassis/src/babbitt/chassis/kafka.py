"""Kafka by aiokafka: clients with the settings that the guarantees need, topic checks, readiness."""

import asyncio
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaProducer, ConsumerRecord
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.logs import logger
from babbitt.chassis.readiness import Readiness
from babbitt.chassis.settings import Settings
from babbitt.contracts.cloudevents import Origin
from babbitt.contracts.topics import Topic

_LOG = logger(__name__)

MAX_BATCH_BYTES = 1_048_576
"""Producer batches. The default of 16 KiB is less than one waveform; this halves the broker's work."""
MAX_REQUEST_BYTES = 2_097_152
"""Dead letters are a little larger than what they hold."""


class TopicsMissing(Exception):
    """The deploy step has not made these topics."""


@contextmanager
def kafka_errors() -> Generator[None]:
    """Turn what the client raises into `Unavailable`."""
    try:
        yield
    except (KafkaError, OSError, TimeoutError) as error:
        raise Unavailable("kafka", str(error) or type(error).__name__) from error


def make_producer(settings: Settings, **more: Any) -> AIOKafkaProducer:
    """An idempotent producer that waits for all in-sync replicas and sends at once."""
    options: dict[str, Any] = {
        "acks": "all",
        "enable_idempotence": True,
        "linger_ms": 0,
        "max_batch_size": MAX_BATCH_BYTES,
        "max_request_size": MAX_REQUEST_BYTES,
        "request_timeout_ms": 10_000,
        **more,
    }
    return AIOKafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap_servers,
        client_id=f"{settings.kafka_prefix}{settings.instance}",
        **options,
    )


def group_id(settings: Settings, topic: Topic, purpose: str = "") -> str:
    """The consumer group of a service on a topic."""
    return ".".join(part for part in (f"{settings.kafka_prefix}{settings.service}", topic.name, purpose) if part)


def origin_of(topic: Topic, record: ConsumerRecord[Any, Any]) -> Origin:
    """Where a record lay. Its sender may have named a time that no calendar holds: that is the epoch's beginning."""
    try:
        time = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        time = datetime.fromtimestamp(0, UTC)
    return Origin(topic.name, record.partition, record.offset, time)


async def check_topics(settings: Settings, topics: Iterable[Topic]) -> None:
    """Make sure that the deploy step has run.

    Raises:
        TopicsMissing: naming the topics that are not there.
        Unavailable: the broker is away.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    with kafka_errors():
        try:
            await admin.start()
            there = set(await admin.list_topics())
        finally:
            await admin.close()
    missing = sorted({topic.full_name(settings.kafka_prefix) for topic in topics} - there)
    if missing:
        raise TopicsMissing(f"topics are missing, the deploy step makes them: {', '.join(missing)}")


async def until_topics(settings: Settings, topics: Iterable[Topic], readiness: Readiness) -> None:
    """Wait until broker and topics are there, saying meanwhile what is missing."""
    wanted = tuple(topics)
    while True:
        try:
            await check_topics(settings, wanted)
        except (TopicsMissing, Unavailable) as error:
            _LOG.warning("waiting for kafka", reason=str(error))
            readiness.unready("kafka", str(error))
            await asyncio.sleep(0.5)
        else:
            readiness.ready("kafka")
            return


async def watch_kafka(settings: Settings, readiness: Readiness, *, every_s: float = 2.0) -> None:
    """Report to readiness, for ever, whether a broker answers."""
    while True:
        admin = AIOKafkaAdminClient(
            bootstrap_servers=settings.kafka_bootstrap_servers, request_timeout_ms=5_000, metadata_max_age_ms=3_600_000
        )
        try:
            with kafka_errors():
                await admin.start()
                while True:
                    async with asyncio.timeout(5):
                        await admin.describe_cluster()
                    readiness.ready("kafka")
                    await asyncio.sleep(every_s)
        except Unavailable as error:
            readiness.unready("kafka", str(error))
            await asyncio.sleep(0.5)
        finally:
            await admin.close()
