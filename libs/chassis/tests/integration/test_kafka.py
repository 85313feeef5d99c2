"""What the broker refuses, and what it only has no time for."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import InvalidTopicError, KafkaUnavailableError, MessageSizeTooLargeError

from babbitt.chassis.deploy import make_topics
from babbitt.chassis.errors import Unavailable
from babbitt.chassis.kafka import TopicsWrong, check_topics, kafka_errors, until_topics
from babbitt.chassis.readiness import Readiness
from babbitt.chassis.sender import Outgoing, Sender
from babbitt.chassis.settings import Settings
from babbitt.contracts.topics import (
    MODELS_ALIASES,
    PREDICTIONS_REQUESTS,
    SYSTEM_HEARTBEATS,
    TRAINING_EVENTS,
)

pytestmark = pytest.mark.integration


class OurSettings(Settings):
    service = "registry"


@pytest.fixture
def settings(kafka, kafka_prefix, tmp_path):
    return OurSettings(
        instance="registry-0",
        kafka_bootstrap_servers=kafka.bootstrap_servers,
        kafka_prefix=kafka_prefix,
        object_store_url=tmp_path.as_uri(),
    )


async def make(settings, *topics, **more):
    """Make topics, and wait until the broker, which hears of them from the controller, knows them."""
    await make_topics(settings.kafka_bootstrap_servers, settings.kafka_prefix, 1, topics, **more)
    async with asyncio.timeout(20):
        await until_topics(settings, topics, Readiness())


@pytest.fixture
async def sender(settings):
    await make(settings, SYSTEM_HEARTBEATS)
    made = Sender(settings)
    yield made
    await made.stop()


async def lying(settings, topic):
    """The values that lie in a topic of one partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka_bootstrap_servers, group_id=None)
    await consumer.start()
    try:
        place = TopicPartition(topic.full_name(settings.kafka_prefix), 0)
        end = (await consumer.end_offsets([place]))[place]
        consumer.assign([place])
        consumer.seek(place, 0)
        return [(await consumer.getone()).value for _ in range(end)]
    finally:
        await consumer.stop()


async def test_topics_as_they_are_declared_are_all_right_and_missing_ones_are_named(settings):
    wanted = (TRAINING_EVENTS, MODELS_ALIASES)
    await make(settings, *wanted)
    await check_topics(settings, wanted)
    with pytest.raises(TopicsWrong, match=r"missing.*: [^,]*system\.heartbeats\.v1$"):
        await check_topics(settings, (*wanted, SYSTEM_HEARTBEATS))


async def test_a_topic_with_other_partitions_is_named_with_what_was_found_and_what_is_expected(settings):
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    await admin.start()
    await admin.create_topics([NewTopic(MODELS_ALIASES.full_name(settings.kafka_prefix), 3, 1)])
    await admin.close()
    await make(settings, TRAINING_EVENTS)
    with pytest.raises(TopicsWrong, match=r"partitions: [^,]*models\.aliases\.v1 has 3, not 1$"):
        await check_topics(settings, (TRAINING_EVENTS, MODELS_ALIASES))


async def configured(settings, topic):
    """The broker's settings of a topic."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    await admin.start()
    try:
        name = topic.full_name(settings.kafka_prefix)
        (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    finally:
        await admin.close()
    ((_, _, _, _, entries),) = answer.resources
    return {entry[0]: entry[1] for entry in entries}


async def test_a_topic_that_is_kept_under_a_day_is_bounded_in_bytes_too_and_others_are_not(settings):
    wanted = (PREDICTIONS_REQUESTS, TRAINING_EVENTS)
    await make(settings, *wanted, retention_bytes=200_000_000)
    short = await configured(settings, PREDICTIONS_REQUESTS)
    quarter = str(PREDICTIONS_REQUESTS.retention_ms // 4)
    assert (short["retention.bytes"], short["segment.bytes"]) == ("200000000", str(64 * 1024 * 1024))
    assert (short["retention.ms"], short["segment.ms"]) == (str(PREDICTIONS_REQUESTS.retention_ms), quarter)
    assert (await configured(settings, TRAINING_EVENTS))["retention.bytes"] == "-1"


async def test_a_topic_that_the_broker_cannot_make_is_refused_and_not_waited_for(settings):
    with pytest.raises(InvalidTopicError, match="heartbeats"):
        await make_topics(settings.kafka_bootstrap_servers, "no such prefix/", 1, (SYSTEM_HEARTBEATS,))


def message(value):
    return Outgoing(SYSTEM_HEARTBEATS.name, b"k", value, [])


@pytest.mark.parametrize("size", [1_500_000, 3_000_000], ids=["over the topic's limit", "over the producer's limit"])
async def test_a_message_that_is_too_large_is_no_outage_and_the_next_one_is_sent(sender, settings, size):
    with pytest.raises(MessageSizeTooLargeError):
        await sender.send([message(bytes(size))])
    await asyncio.gather(*(sender.send([message(str(number).encode())]) for number in range(5)))
    assert sorted(await lying(settings, SYSTEM_HEARTBEATS)) == [b"0", b"1", b"2", b"3", b"4"]


async def test_messages_are_sent_in_order_by_one_producer(sender, settings):
    await sender.send([])
    first = sender._producer
    await sender.send([message(str(number).encode()) for number in range(100)])
    assert sender._producer is first
    assert await lying(settings, SYSTEM_HEARTBEATS) == [str(number).encode() for number in range(100)]


async def test_a_broker_that_is_not_there_is_waited_for(settings):
    with pytest.raises(Unavailable, match="kafka is away"):
        await Sender(settings.model_copy(update={"kafka_bootstrap_servers": "127.0.0.1:9"})).send([])
    with pytest.raises(Unavailable), kafka_errors():
        raise KafkaUnavailableError
