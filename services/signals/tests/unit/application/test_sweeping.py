from datetime import timedelta

import pytest

from babbitt.contracts.datasets import DatasetFailed
from babbitt.signals.application.collect_objects import CollectObjects
from babbitt.signals.application.fail_stalled import FailStalled
from babbitt.signals.domain.dataset import Dataset, State
from babbitt.signals.domain.shards import PlannedShard


@pytest.fixture
def making(datasets, shards, small):
    async def made():
        configuration = small()
        dataset = Dataset(configuration.dataset_id(), configuration, label=None)
        dataset.begin(6, None)
        await datasets.save(dataset)
        await datasets.add_shard(dataset.id, 1, await shards.make(configuration, dataset.id, 1, PlannedShard(0, 0, 2)))
        return dataset

    return made


async def test_objects_of_a_deleted_dataset_go_when_they_were_kept_long_enough(making, datasets, shards, clock):
    collect = CollectObjects(datasets.transaction, shards, clock, timedelta(hours=24))
    dataset = await making()
    clock.advance(hours=48)
    assert await collect() == 0
    dataset.delete()
    await datasets.save(dataset)
    clock.advance(hours=23)
    assert await collect() == 0
    clock.advance(hours=2)
    assert await collect() == 1
    assert shards.discarded == [(dataset.id, 1)]
    assert await datasets.shards(dataset.id, 1) == []
    assert await collect() == 0


async def test_objects_of_an_earlier_attempt_go_and_those_of_the_present_one_stay(making, datasets, shards, clock):
    dataset = await making()
    dataset.fail("no")
    dataset.begin(6, None)
    await datasets.save(dataset)
    made = await shards.make(dataset.configuration, dataset.id, 2, PlannedShard(0, 0, 2))
    await datasets.add_shard(dataset.id, 2, made)
    clock.advance(hours=25)
    await CollectObjects(datasets.transaction, shards, clock, timedelta(hours=24))()
    assert shards.discarded == [(dataset.id, 1)]
    assert len(await datasets.shards(dataset.id, 2)) == 1


async def test_a_dataset_whose_requests_are_gone_fails(making, datasets, outbox, clock):
    fail = FailStalled(datasets, outbox, clock, timedelta(hours=26))
    dataset = await making()
    clock.advance(hours=25)
    assert await fail() == 0
    clock.advance(hours=2)
    assert await fail() == 1
    assert datasets.rows[dataset.id].state is State.FAILED
    (failed,) = outbox.of(DatasetFailed)
    assert failed.reason == "no shard was made for 26 h, 0 of 6 are there"
    assert await fail() == 0
