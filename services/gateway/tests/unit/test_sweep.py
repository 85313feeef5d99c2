"""What the gateway forgets."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.names import CLAIMS, UPLOADS
from babbitt.gateway.predictions.sweep import sweep_claims
from babbitt.gateway.uploads.sweep import sweep_uploads

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


@pytest.fixture
async def uploads(tmp_path):
    """A store, and a function: which of its uploads are left, of which `old` and `named` are 31 days old."""
    objects = ObjectStore(tmp_path.as_uri(), "gateway")
    for name, age_days in (("new", 29), ("old", 31), ("named", 31)):
        at = (NOW - timedelta(days=age_days)).timestamp()
        await objects.put(f"{UPLOADS}/{name}", b"x")
        os.utime(tmp_path / UPLOADS / name, (at, at))
    return objects, lambda: sorted(path.name for path in (tmp_path / UPLOADS).iterdir())


async def test_uploads_that_nobody_used_for_long_go(uploads):
    objects, left = uploads
    asked = []

    async def named(since):
        asked.append(since)
        return {"named"}

    async def none_named(_):
        return set()

    await sweep_uploads(objects, [named, none_named], 30, now=lambda: NOW)
    assert left() == ["named", "new"]
    assert asked == [NOW - timedelta(days=30)]


async def test_no_upload_goes_while_nobody_knows_what_is_named(uploads):
    async def known(_):
        return {"named"}

    async def unknown(_):
        return None

    objects, left = uploads
    await sweep_uploads(objects, [known, unknown], 30, now=lambda: NOW)
    assert left() == ["named", "new", "old"]
