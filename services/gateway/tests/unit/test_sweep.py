"""What the gateway forgets."""

import os
from datetime import UTC, datetime, timedelta

from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.names import CLAIMS
from babbitt.gateway.predictions.sweep import sweep_claims

NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def test_claims_are_kept_a_day_longer_than_the_topic_and_no_longer(tmp_path):
    objects = ObjectStore(tmp_path.as_uri(), "gateway")
    ages = {"young": timedelta(days=1, minutes=14), "old": timedelta(days=1, minutes=16)}
    for name, age in ages.items():
        at = (NOW - age).timestamp()
        await objects.put(f"{CLAIMS}/{name}", b"x")
        os.utime(tmp_path / CLAIMS / name, (at, at))
    await sweep_claims(objects, now=lambda: NOW)
    assert [await objects.size_of(f"{CLAIMS}/{name}") for name in ages] == [1, None]
