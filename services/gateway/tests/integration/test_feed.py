"""The feed that all streams hang on, on a real broker that goes away."""

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaProducer

from babbitt.chassis.deploy import make_topics
from babbitt.chassis.errors import Unavailable
from babbitt.chassis.readiness import Readiness
from babbitt.contracts.topics import DATASETS_EVENTS, MODELS_ALIASES, SYSTEM_HEARTBEATS
from babbitt.gateway.events.feed import Feed
from babbitt.gateway.events.tail import Tail
from babbitt.gateway.settings import GatewaySettings

pytestmark = pytest.mark.integration

TOPICS = (DATASETS_EVENTS, MODELS_ALIASES, SYSTEM_HEARTBEATS)


class Fed:
    """A feed that runs, and what it has read."""

    def __init__(self, settings, kind=Feed):
        self.readiness = Readiness("feed")
        self.tail = Tail(100_000, 100_000_000)
        self._feed = kind(settings, self.readiness, "feed", self.tail, dict.fromkeys(TOPICS), None)

    @asynccontextmanager
    async def running(self):
        running = asyncio.create_task(self._feed.run())
        try:
            async with asyncio.timeout(30):
                while self.readiness.reasons():
                    assert not running.done(), running.exception()
                    await asyncio.sleep(0.02)
            yield self
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def until_read(self, count):
        async with asyncio.timeout(60):
            while self.tail.next_number < count:
                await asyncio.sleep(0.02)


@pytest.fixture
async def settings(kafka, kafka_prefix, tmp_path):
    await make_topics(kafka.bootstrap_servers, kafka_prefix, 1, TOPICS)
    return GatewaySettings(
        kafka_bootstrap_servers=kafka.bootstrap_servers,
        kafka_prefix=kafka_prefix,
        object_store_url=tmp_path.as_uri(),
        database_url="postgresql://nobody:none@127.0.0.1:9/none",
    )


async def test_a_broker_that_restarts_under_load_leaves_no_record_out_and_brings_none_twice(kafka, settings):
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers, request_timeout_ms=60_000)
    await producer.start()
    sent, enough = defaultdict(list), asyncio.Event()

    async def load():
        while not enough.is_set():
            at = await producer.send_and_wait(DATASETS_EVENTS.full_name(settings.kafka_prefix), b"{}")
            sent[at.partition].append(at.offset)
            await asyncio.sleep(0.002)

    async with Fed(settings).running() as fed:
        loading = asyncio.create_task(load())
        await fed.until_read(50)
        await asyncio.to_thread(kafka.restart)
        await fed.until_read(fed.tail.next_number + 50)
        enough.set()
        await loading
        await producer.stop()
        await fed.until_read(sum(map(len, sent.values())))
        read = defaultdict(list)
        for record in fed.tail.read(0, 100_000):
            read[record.partition].append(record.offset)
    for partition, offsets in sent.items():
        assert read[partition] == list(range(offsets[-1] + 1))


async def test_a_broker_that_goes_away_while_the_feed_looks_for_its_beginning_is_asked_again(settings):
    tried = []

    class Hindered(Feed):
        async def _earlier(self, consumer):
            tried.append(consumer)
            if len(tried) == 1:
                raise Unavailable("kafka", "away once")
            return await super()._earlier(consumer)

    async with Fed(settings, Hindered).running():
        assert len(tried) == 2
