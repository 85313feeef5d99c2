"""One suite for PostgresDatasets and its fake."""

import asyncio
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import numpy as np
import pytest

from babbitt.chassis.clock import utc_now
from babbitt.chassis.database import transaction
from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.datasets import DatasetReady, ObjectReference
from babbitt.contracts.dataspec import Channel, DataSpec
from babbitt.signals.adapters import postgres
from babbitt.signals.adapters.lineage import PostgresLineage
from babbitt.signals.adapters.object_store import StoredShards
from babbitt.signals.adapters.postgres import PostgresDatasets, datasets_in_transaction
from babbitt.signals.adapters.uploads import UploadedFiles
from babbitt.signals.application.collect_objects import CollectObjects
from babbitt.signals.domain.dataset import State
from babbitt.signals.domain.quality.measured import ShardQuality
from babbitt.signals.domain.records import MadeRecord, MadeShard

pytestmark = pytest.mark.integration

FOR_EVER = datetime.now(UTC) + timedelta(days=365)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture(params=["in memory", "postgres"])
async def stored(request, datasets, bench):
    if request.param == "in memory":
        yield datasets
        return
    async with transaction(bench.sessions) as session:
        yield PostgresDatasets(session)


@pytest.fixture(params=["in memory", "postgres"])
async def trained_on(request, lineage, bench):
    if request.param == "in memory":
        yield lineage
        return
    async with transaction(bench.sessions) as session:
        yield PostgresLineage(session)


async def test_a_version_needs_its_dataset_until_it_is_retired_and_a_repeat_changes_nothing(trained_on):
    for model, version in (("pump", 2), ("pump", 1), ("fan", 1)):
        await trained_on.trained(model, version, "a" * 64)
    await trained_on.trained("fan", 2, "b" * 64)
    assert await trained_on.needing("a" * 64) == ["fan@1", "pump@1", "pump@2"]
    await trained_on.retired("pump", 1)
    await trained_on.trained("pump", 1, "a" * 64)
    assert await trained_on.needing("a" * 64) == ["fan@1", "pump@2"]


def shard(index=0):
    record = MadeRecord("r#0", "r", "ok", "machine-1", 0, 1_000, 29.95, "a" * 64, "test")
    reference = ObjectReference(key=f"signals/datasets/x/1/{index}", sha256="b" * 64, size_bytes=4_000)
    hashes = (np.array([1, 2**64 - 2], np.uint64), np.empty(0, np.uint64), np.array([7], np.uint64))
    unknown = replace(record, record="r#1", shaft_speed_hz=None, place=None, recorded_at_hz=48_000.0)
    quality = ShardQuality(np.arange(6, dtype=np.float32).reshape(3, 1, 2), {1: np.ones((2, 4), np.float32)})
    return MadeShard(index, reference, (record, unknown, record), hashes, ("r: resampled from 48000 Hz",), quality)


def ready(dataset_id):
    spec = DataSpec(channels=(Channel(),), sampling_rate_hz=12_000, record_samples=10, class_names=("a",))
    reference = ObjectReference(key="signals/datasets/x/1/manifest.json", sha256="c" * 64, size_bytes=7)
    return DatasetReady(
        dataset_id=dataset_id, manifest=reference, data_spec=spec, split_kind="record", counts={"train": {"a": 3}}
    )


async def test_a_dataset_that_was_never_asked_for_is_unknown(stored, small):
    assert await stored.find(small().dataset_id()) is None
    assert await stored.locked(small().dataset_id()) is None


async def test_a_new_dataset_is_entered_once(stored, small):
    new = await stored.locked_or_new(small(seed=2**62))
    assert (new.state, new.attempt, new.configuration) == (State.DELETED, 0, small(seed=2**62))
    new.begin(8, "mine")
    await stored.save(new)
    assert await stored.locked_or_new(small(seed=2**62)) == new


async def test_what_was_saved_comes_back(stored, small):
    dataset = await stored.locked_or_new(small())
    dataset.begin(3, "mine")
    dataset.shard_done(datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC))
    dataset.become_ready(ready(dataset.id))
    await stored.save(dataset)
    assert await stored.find(dataset.id) == dataset
    assert await stored.locked(dataset.id) == dataset


async def test_shards_come_back_in_order_and_each_is_entered_once(stored, small):
    dataset = await stored.locked_or_new(small())
    assert await stored.add_shard(dataset.id, 1, shard(2))
    assert await stored.add_shard(dataset.id, 1, shard(0))
    assert await stored.add_shard(dataset.id, 2, shard(0))
    assert not await stored.add_shard(dataset.id, 1, shard(2))
    back = await stored.shards(dataset.id, 1)
    assert [made.index for made in back] == [0, 2]
    assert back[1].records == shard(2).records
    assert back[1].reference == shard(2).reference
    assert [hashes.tolist() for hashes in back[1].fingerprints] == [[1, 2**64 - 2], [], [7]]
    assert np.array_equal(back[1].quality.statistics, shard(2).quality.statistics)
    assert list(back[1].quality.portraits) == [1]
    await stored.collected(dataset.id, 1)
    assert await stored.shards(dataset.id, 1) == []
    assert len(await stored.shards(dataset.id, 2)) == 1


async def test_only_what_is_being_made_can_have_stalled(stored, small):
    dataset = await stored.locked_or_new(small())
    dataset.begin(3, None)
    await stored.save(dataset)
    assert await stored.stalled(FOR_EVER) == [dataset.id]
    assert await stored.stalled(LONG_AGO) == []
    dataset.fail("no")
    await stored.save(dataset)
    assert await stored.stalled(FOR_EVER) == []


async def test_ended_attempts_are_collectable_once_even_without_a_shard_and_the_one_that_is_needed_is_not(
    stored, small
):
    dataset = await stored.locked_or_new(small())
    assert await stored.collectable(FOR_EVER) == []
    dataset.begin(3, None)
    await stored.save(dataset)
    assert await stored.collectable(FOR_EVER) == []
    dataset.cancel()
    await stored.save(dataset)
    assert await stored.collectable(LONG_AGO) == []
    assert await stored.collectable(FOR_EVER) == [(dataset.id, 1)]
    dataset.begin(3, None)
    await stored.add_shard(dataset.id, 2, shard(0))
    await stored.save(dataset)
    assert await stored.collectable(FOR_EVER) == [(dataset.id, 1)]
    dataset.fail("no")
    await stored.save(dataset)
    assert await stored.collectable(FOR_EVER) == [(dataset.id, 1), (dataset.id, 2)]
    await stored.collected(dataset.id, 1)
    assert await stored.collectable(FOR_EVER) == [(dataset.id, 2)]
    assert len(await stored.shards(dataset.id, 2)) == 1
    await stored.collected(dataset.id, 2)
    assert await stored.collectable(FOR_EVER) == []
    assert await stored.shards(dataset.id, 2) == []


class WatchedRecords:
    """Reads records as it did, and keeps in which threads."""

    def __init__(self, records):
        self._records, self.threads = records, set()

    def dump_json(self, records):
        self.threads.add(threading.get_ident())
        return self._records.dump_json(records)

    def validate_json(self, content):
        self.threads.add(threading.get_ident())
        return self._records.validate_json(content)


async def test_records_are_written_and_read_where_they_hold_nobody_up(bench, small, monkeypatch):
    records = WatchedRecords(postgres._RECORDS)
    monkeypatch.setattr(postgres, "_RECORDS", records)
    async with transaction(bench.sessions) as session:
        datasets = PostgresDatasets(session)
        dataset = await datasets.locked_or_new(small())
        await datasets.add_shard(dataset.id, 1, shard())
        assert [made.records for made in await datasets.shards(dataset.id, 1)] == [shard().records]
    assert records.threads
    assert threading.get_ident() not in records.threads


async def test_what_a_failed_attempt_left_is_removed_also_what_nobody_took_note_of(bench, small, worker, scratch):
    async with transaction(bench.sessions) as session:
        datasets = PostgresDatasets(session)
        dataset = await datasets.locked_or_new(small())
        dataset.begin(3, None)
        dataset.fail("no")
        await datasets.save(dataset)
    store = ObjectStore(bench.objects, "signals")
    left, needed = [await store.put_addressed(f"datasets/{dataset.id}/{attempt}", b"x") for attempt in (1, 10)]
    shards = StoredShards(store, worker, scratch, UploadedFiles(store, scratch, kept_bytes=0))
    collect = CollectObjects(partial(datasets_in_transaction, bench.sessions), shards, utc_now, timedelta())
    assert await collect() == 1
    assert [await store.size_of(reference.key) for reference in (left, needed)] == [None, 1]
    assert await collect() == 0


async def test_whoever_wants_to_change_a_dataset_that_is_being_changed_waits(bench, small):
    dataset_id = small().dataset_id()

    async def change():
        async with transaction(bench.sessions) as session:
            datasets = PostgresDatasets(session)
            dataset = await datasets.locked(dataset_id)
            dataset.revision += 1
            await datasets.save(dataset)

    async with transaction(bench.sessions) as session:
        await PostgresDatasets(session).locked_or_new(small())
    async with transaction(bench.sessions) as session:
        dataset = await PostgresDatasets(session).locked(dataset_id)
        other = asyncio.create_task(change())
        await bench.until_one_waits_for_a_lock()
        assert not other.done()
        dataset.revision = 10
        await PostgresDatasets(session).save(dataset)
    await other
    async with transaction(bench.sessions) as session:
        assert (await PostgresDatasets(session).find(dataset_id)).revision == 11
