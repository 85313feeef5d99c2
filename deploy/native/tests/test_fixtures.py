import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from babbitt.native.testing import random_prefix

pytestmark = pytest.mark.integration


async def test_the_session_lends_a_broker_and_a_database(kafka, postgres):
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    await admin.start()
    assert len((await admin.describe_cluster())["brokers"]) == 1
    await admin.close()
    connection = await asyncpg.connect(postgres.admin_url)
    assert await connection.fetchval("select rolsuper from pg_roles where rolname = current_user")
    await connection.close()


def test_no_two_tests_share_a_prefix(kafka_prefix):
    assert kafka_prefix != random_prefix()
