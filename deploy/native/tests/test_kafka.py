import asyncio
import socket

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from babbitt.native.errors import PortTakenError
from babbitt.native.kafka import Kafka
from babbitt.native.ports import LOOPBACK

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with Kafka(tmp_path_factory.mktemp("kafka")) as running:
        yield running


async def create(broker, topic):
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap_servers)
    await admin.start()
    await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    await admin.close()


async def send(broker, topic, value):
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap_servers, acks="all") as producer:
        await producer.send_and_wait(topic, value)


async def first(broker, topic, group):
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=broker.bootstrap_servers, group_id=group, auto_offset_reset="earliest"
    )
    async with consumer:
        return (await asyncio.wait_for(consumer.getone(), timeout=20)).value


async def test_what_was_sent_is_there_after_a_restart_on_the_same_port(broker, kafka_prefix):
    topic = f"{kafka_prefix}kept"
    await create(broker, topic)
    await send(broker, topic, b"kept")
    before = broker.bootstrap_servers
    await asyncio.to_thread(broker.restart)
    assert broker.bootstrap_servers == before
    assert await first(broker, topic, f"{kafka_prefix}group") == b"kept"


async def test_what_was_acknowledged_is_there_after_a_kill(broker, kafka_prefix):
    topic = f"{kafka_prefix}killed"
    await create(broker, topic)
    await send(broker, topic, b"acknowledged")
    await asyncio.to_thread(broker.kill)
    assert not broker.alive
    await asyncio.to_thread(broker.start)
    assert await first(broker, topic, f"{kafka_prefix}group") == b"acknowledged"


def test_it_comes_back_on_the_port_it_had_when_none_is_asked_for(broker):
    assert Kafka(broker.folder).port == broker.port


def test_a_port_somebody_listens_on_is_named_and_nothing_is_started(tmp_path):
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
        broker = Kafka(tmp_path, port)
        with pytest.raises(PortTakenError, match=f"port {port} on 127.0.0.1 is taken"):
            broker.start()
    assert not broker.alive
