"""Kafka by aiokafka: clients with the settings that the guarantees need, topic checks, readiness."""

import asyncio
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaProducer, ConsumerRecord, errors
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


FOR_GOOD = (
    errors.IllegalArgumentError,
    errors.InvalidGroupIdError,
    errors.InvalidRequestError,
    errors.InvalidSessionTimeoutError,
    errors.InvalidTimestampError,
    errors.InvalidTopicError,
    errors.KafkaConfigurationError,
    errors.MessageSizeTooLargeError,
    errors.PolicyViolationError,
    errors.RecordListTooLargeError,
    errors.UnsupportedVersionError,
)
"""What no waiting cures: the message or the question itself is wrong.

The client's own `retriable` does not tell: it is false for a broker that is away (KafkaUnavailableError), for a member
whose group has met without it, and for a producer that is to be replaced. What is not authorised is waited for: an
operator may allow it, and meanwhile readiness says what is missing.
"""


class TopicsWrong(Exception):
    """The deploy step has not made these topics, or others."""


@contextmanager
def kafka_errors() -> Generator[None]:
    """Turn what waiting may cure into `Unavailable`; other errors of the client go through."""
    try:
        yield
    except FOR_GOOD:
        raise
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


async def close_producer(producer: AIOKafkaProducer, *, within_s: float) -> None:
    """Have it send what it holds, and disconnect. What the broker does not take in time is dropped, not sent later.

    Its own `stop`, given up on while the broker is away, leaves tasks and connections behind.
    """
    try:
        with suppress(KafkaError, OSError, TimeoutError):
            async with asyncio.timeout(within_s):
                await producer.flush()
    finally:
        producer._closed = True  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        try:
            await producer.client.close()
        finally:  # who is cancelled twice closes both all the same
            await producer._sender.close()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


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

    Keys find their partition by the number of partitions, so that a topic with another number is another topic.

    Raises:
        TopicsWrong: naming the topics that are not there, or have other partitions than they should.
        Unavailable: the broker is away.
    """
    expected = {topic.full_name(settings.kafka_prefix): topic.partitions for topic in topics}
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    with kafka_errors():
        try:
            await admin.start()
            described = await admin.describe_topics(list(expected))
        finally:
            await admin.close()
    found = {topic["topic"]: len(topic["partitions"]) for topic in described if not topic["error_code"]}
    if missing := sorted(expected.keys() - found.keys()):
        raise TopicsWrong(f"topics are missing, the deploy step makes them: {', '.join(missing)}")
    if wrong := [f"{name} has {found[name]}, not {count}" for name, count in expected.items() if found[name] != count]:
        raise TopicsWrong(f"topics have a wrong number of partitions: {', '.join(wrong)}")


async def until_topics(settings: Settings, topics: Iterable[Topic], readiness: Readiness) -> None:
    """Wait until broker and topics are there, saying meanwhile what is missing."""
    wanted = tuple(topics)
    while True:
        try:
            await check_topics(settings, wanted)
        except (TopicsWrong, Unavailable) as error:
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
