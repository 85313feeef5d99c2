"""The whole of a dataset's making, over fakes of the ports."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from babbitt.contracts.datasets import (
    DatasetFailed,
    DatasetProgressed,
    DatasetReady,
    DatasetRequested,
    ShardRequested,
)
from babbitt.recordings.readers.opening import READ_WITHIN_S
from babbitt.signals.adapters.shard_making import WRITTEN_WITHIN_S
from babbitt.signals.application import make_shard
from babbitt.signals.domain.dataset import LONGEST_REASON, State
from babbitt.signals.errors import DatasetImpossible, MakingFailed


async def test_a_dataset_is_fanned_out_made_and_ready(service, small, outbox, shards):
    configuration = small()
    dataset = await service.make_all(configuration, "first")
    (ready,) = outbox.of(DatasetReady)
    assert dataset.state is State.READY
    assert ready.label == "first"
    assert ready.manifest.key == f"signals/datasets/{dataset.id}/1/manifest.json"
    assert ready.counts == {
        "train": {"oilwhirl": 4, "sain": 4},
        "validation": {"oilwhirl": 1, "sain": 1},
        "test": {"oilwhirl": 1, "sain": 1},
    }
    (manifest,) = shards.manifests
    assert manifest.configuration == configuration
    assert [entry.record for entry in manifest.records][:2] == ["sain-00000", "sain-00001"]
    assert {entry.group for entry in manifest.records} == {entry.record for entry in manifest.records}
    assert manifest.data_spec.class_names == ("sain", "oilwhirl")
    assert manifest.data_spec.record_samples == 1536
    assert all(54 <= entry.shaft_speed_hz <= 66 for entry in manifest.records)


async def test_planning_may_take_longer_than_a_transaction_may_be_silent(service, small, datasets):
    expected_s = []

    async def planning(function, *arguments):
        expected_s.extend(datasets.expected_s)
        return function(*arguments)

    await replace(service.request, worker=planning)(DatasetRequested(configuration=small()))
    assert expected_s == [120]


async def test_even_a_small_dataset_is_made_in_several_shards(service, small):
    assert len(await service.ask(small())) >= 6


async def test_what_is_said_of_a_dataset_has_a_growing_revision(service, small, outbox, clock):
    configuration = small()
    for wanted in await service.ask(configuration):
        clock.advance(seconds=1)
        await service.make(wanted)
    await service.ask(configuration)
    revisions = [sequence for sequence, message in outbox.said if not isinstance(message, ShardRequested)]
    assert revisions == sorted(set(revisions))


async def test_progress_is_told_five_times_a_second_at_most(service, small, outbox, clock):
    wanted = await service.ask(small())
    for request in wanted[:-1]:
        clock.advance(milliseconds=90)
        await service.make(request)
    told = [event.shards_done for event in outbox.of(DatasetProgressed)]
    assert told == [1, 4]


async def test_progress_is_told_as_seldom_by_replicas_whose_clocks_differ(service, small, outbox, clock):
    """What was told last stands with the dataset, not with a replica."""
    wanted = await service.ask(small())
    other = replace(service.make, now=lambda: clock() + timedelta(milliseconds=80))
    for number, request in enumerate(wanted[:-1]):
        clock.advance(milliseconds=50)
        await (other if number % 2 else service.make)(request)
    assert [event.shards_done for event in outbox.of(DatasetProgressed)] == [1, 4]


async def test_a_repeat_while_making_doubles_nothing(service, small, outbox):
    first = await service.ask(small())
    assert await service.ask(small()) == []
    assert len(outbox.of(ShardRequested)) == len(first)


async def test_a_repeat_of_a_ready_dataset_is_answered_by_what_is_there(service, small, outbox):
    await service.make_all(small())
    assert await service.ask(small()) == []
    first, again = outbox.of(DatasetReady)
    assert first == again


async def test_a_shard_delivered_twice_counts_once(service, small, outbox, datasets):
    wanted = await service.ask(small())
    for request in [*wanted[:3], *wanted[:3]]:
        await service.make(request)
    assert next(iter(datasets.rows.values())).shards_done == 3
    assert outbox.of(DatasetReady) == []


async def test_a_file_that_cannot_be_read_fails_the_dataset_once(service, small, outbox, shards):
    wanted = await service.ask(small())
    shards.failing = MakingFailed("97.mat: its upload is missing")
    for request in wanted:
        await service.make(request)
    (failed,) = outbox.of(DatasetFailed)
    assert failed.reason == "97.mat: its upload is missing"


async def test_a_reason_that_quotes_a_file_at_length_is_cut(service, small, outbox, shards):
    shards.failing = MakingFailed("97.mat: " + 5_000_000 * "x")
    await service.make((await service.ask(small()))[0])
    (failed,) = outbox.of(DatasetFailed)
    assert failed.reason.startswith("97.mat: xxx")
    assert failed.reason.endswith("x …")
    assert len(failed.reason) == LONGEST_REASON + 2


async def test_a_shard_that_takes_too_long_fails_its_dataset(service, small, outbox, shards, monkeypatch):
    assert READ_WITHIN_S < WRITTEN_WITHIN_S < make_shard.MAKE_WITHIN_S < make_shard.WORK_WITHIN_S
    monkeypatch.setattr(make_shard, "MAKE_WITHIN_S", 0.01)
    monkeypatch.setattr(shards, "make", lambda *_: asyncio.Event().wait())
    for request in await service.ask(small()):
        await service.make(request)
    (failed,) = outbox.of(DatasetFailed)
    assert failed.reason == "shard 0 took over 0.01 s to make"


async def test_a_shard_that_is_given_up_fails_the_dataset_it_belongs_to_and_no_later_attempt(service, small, outbox):
    first, *_ = await service.ask(small())
    for _ in range(2):
        await service.make.given_up(first, "KeyError: 'bug'")
    (failed,) = outbox.of(DatasetFailed)
    assert failed.reason == "shard 0 was given up: KeyError: 'bug'"
    assert (await service.make_all(small())).state is State.READY
    await service.make.given_up(first, "late")
    assert outbox.of(DatasetFailed) == [failed]


async def test_a_failed_dataset_is_made_anew_and_shards_of_the_attempt_before_are_skipped(
    service, small, outbox, shards, datasets
):
    old = await service.ask(small())
    shards.failing = MakingFailed("no")
    await service.make(old[0])
    shards.failing = None
    new = await service.ask(small())
    assert {request.attempt for request in new} == {2}
    for request in old:
        await service.make(request)
    assert shards.made == [(1, 0)]
    assert datasets.rows[small().dataset_id()].shards_done == 0
    for request in new:
        await service.make(request)
    (ready,) = outbox.of(DatasetReady)
    assert "/2/" in ready.manifest.key


async def test_an_impossible_dataset_leaves_nothing_behind(service, small, datasets, outbox):
    with pytest.raises(DatasetImpossible):
        await service.ask(small(classes=("sain", "cavitation")))
    assert datasets.rows == {}
    assert outbox.said == []
