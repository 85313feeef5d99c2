"""A producer is closed in time, whatever the broker does."""

import asyncio

import pytest

from babbitt.chassis.deploy import make_topics
from babbitt.chassis.kafka import close_producer, make_producer
from babbitt.chassis.settings import Settings
from babbitt.contracts.topics import SYSTEM_HEARTBEATS

pytestmark = pytest.mark.integration


class OurSettings(Settings):
    service = "inference"


async def test_a_producer_whose_broker_is_away_is_closed_in_time_and_leaves_nothing_behind(
    kafka, kafka_prefix, tmp_path
):
    settings = OurSettings(
        instance="inference-0",
        kafka_bootstrap_servers=kafka.bootstrap_servers,
        kafka_prefix=kafka_prefix,
        object_store_url=tmp_path.as_uri(),
    )
    await make_topics(kafka.bootstrap_servers, kafka_prefix, 1, (SYSTEM_HEARTBEATS,))
    topic = SYSTEM_HEARTBEATS.full_name(kafka_prefix)
    before = asyncio.all_tasks()
    producer = make_producer(settings)
    await producer.start()
    await producer.send_and_wait(topic, b"it knows the way")
    await asyncio.to_thread(kafka.stop)
    try:
        unsent = await producer.send(topic, b"nobody takes it")
        async with asyncio.timeout(10):
            await close_producer(producer, within_s=0.5)
        assert not unsent.done()
        assert asyncio.all_tasks() == before
    finally:
        await asyncio.to_thread(kafka.start)
