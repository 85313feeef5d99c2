"""Dead letters in the outbox of a real database."""

from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import TopicPartition

from babbitt.chassis.database import transaction
from babbitt.chassis.dead_letters import bury
from babbitt.chassis.kafka import origin_of
from babbitt.chassis.unreadable import UnreadableRecord
from babbitt.contracts.cloudevents import Origin
from babbitt.contracts.topics import MODELS_REQUESTS

pytestmark = pytest.mark.integration


async def test_what_is_read_twice_is_buried_once_and_what_lies_in_its_place_when_the_topic_was_made_anew_too(bench):
    first = Origin("models.requests.v1", 0, 7, datetime(2026, 1, 1, tzinfo=UTC))
    later = Origin("models.requests.v1", 0, 7, first.time + timedelta(hours=1))
    buried = []
    for origin in (first, first, later, later):
        async with transaction(bench.sessions) as session:
            buried.append(await bury(session, "registry", None, b"{", [], origin, kind="malformed", reason="not JSON"))
    assert buried == [True, False, True, False]


async def test_a_record_that_cannot_be_read_is_buried_once_however_often_it_comes(bench):
    buried = []
    for _ in range(2):
        record = UnreadableRecord.at(TopicPartition("t", 0), 8, ValueError("corrupt"))
        origin = origin_of(MODELS_REQUESTS, record)
        async with transaction(bench.sessions) as session:
            buried.append(await bury(session, "registry", None, b"", [], origin, kind="malformed", reason="corrupt"))
    assert buried == [True, False]
