"""Dead letters in the outbox of a real database."""

from datetime import UTC, datetime, timedelta

import pytest

from babbitt.chassis.database import transaction
from babbitt.chassis.dead_letters import bury
from babbitt.contracts.cloudevents import Origin

pytestmark = pytest.mark.integration


async def test_what_is_read_twice_is_buried_once_and_what_lies_in_its_place_when_the_topic_was_made_anew_too(bench):
    first = Origin("models.requests.v1", 0, 7, datetime(2026, 1, 1, tzinfo=UTC))
    later = Origin("models.requests.v1", 0, 7, first.time + timedelta(hours=1))
    buried = []
    for origin in (first, first, later, later):
        async with transaction(bench.sessions) as session:
            buried.append(await bury(session, "registry", None, b"{", [], origin, kind="malformed", reason="not JSON"))
    assert buried == [True, False, True, False]
