"""Datasets that nobody wants any more, over fakes of the ports."""

import pytest

from babbitt.contracts.datasets import (
    DatasetCancelled,
    DatasetCancelRequested,
    DatasetDeleted,
    DatasetDeleteRequested,
    DatasetFailed,
    DatasetProgressed,
    DatasetReady,
)
from babbitt.signals.domain.dataset import State
from babbitt.signals.errors import DatasetNeeded, DatasetNotInState, DatasetUnknown, MakingFailed


async def test_a_cancelled_dataset_is_made_no_further_and_can_be_asked_for_again(service, small, outbox, datasets):
    wanted = await service.ask(small())
    await service.make(wanted[0])
    cancel = DatasetCancelRequested(dataset_id=small().dataset_id())
    await service.cancel(cancel)
    await service.cancel(cancel)
    for request in wanted[1:]:
        await service.make(request)
    assert len(outbox.of(DatasetCancelled)) == 2
    assert outbox.of(DatasetReady) == []
    assert (await service.make_all(small())).state is State.READY


@pytest.mark.parametrize("failing", [None, MakingFailed("no")])
async def test_a_dataset_cancelled_while_a_shard_is_made_stays_cancelled(
    service, small, outbox, shards, datasets, failing
):
    wanted = await service.ask(small())
    make = shards.make

    async def cancelled_meanwhile(*arguments):
        await service.cancel(DatasetCancelRequested(dataset_id=small().dataset_id()))
        shards.failing = failing
        return await make(*arguments)

    shards.make = cancelled_meanwhile
    await service.make(wanted[0])
    dataset = datasets.rows[small().dataset_id()]
    assert (dataset.state, dataset.shards_done) == (State.CANCELLED, 0)
    assert outbox.of(DatasetFailed) == outbox.of(DatasetProgressed) == []


async def test_a_deleted_dataset_is_made_anew(service, small, outbox):
    await service.make_all(small())
    delete = DatasetDeleteRequested(dataset_id=small().dataset_id())
    await service.delete(delete)
    await service.delete(delete)
    assert len(outbox.of(DatasetDeleted)) == 2
    assert (await service.make_all(small())).state is State.READY
    assert [event.manifest.key.split("/")[3] for event in outbox.of(DatasetReady)] == ["1", "2"]


async def test_a_dataset_that_models_need_is_not_deleted_and_the_refusal_names_them(service, small, outbox, lineage):
    dataset = await service.make_all(small())
    delete = DatasetDeleteRequested(dataset_id=dataset.id)
    for version in (1, 2):
        await lineage.trained("pump", version, dataset.id)
    await lineage.trained("fan", 1, "f" * 64)
    with pytest.raises(DatasetNeeded, match=r"is needed by pump@1, pump@2: retire them first") as refused:
        await service.delete(delete)
    assert refused.value.problem.status == 409
    await lineage.retired("pump", 1)
    with pytest.raises(DatasetNeeded, match=r"is needed by pump@2: "):
        await service.delete(delete)
    assert outbox.of(DatasetDeleted) == []
    await lineage.retired("pump", 2)
    await service.delete(delete)
    assert len(outbox.of(DatasetDeleted)) == 1


async def test_a_refusal_names_no_more_models_than_people_read(service, small, lineage):
    dataset = await service.make_all(small())
    for version in range(1, 14):
        await lineage.trained("pump", version, dataset.id)
    with pytest.raises(DatasetNeeded, match=r"pump@9, pump@10 and 3 more: retire them first"):
        await service.delete(DatasetDeleteRequested(dataset_id=dataset.id))


async def test_a_dataset_that_is_not_ready_goes_whoever_was_trained_on_an_earlier_one(service, small, outbox, lineage):
    await lineage.trained("pump", 1, small().dataset_id())
    await service.ask(small())
    await service.delete(DatasetDeleteRequested(dataset_id=small().dataset_id()))
    assert len(outbox.of(DatasetDeleted)) == 1


async def test_what_was_never_asked_for_cannot_be_cancelled_or_deleted(service):
    with pytest.raises(DatasetUnknown):
        await service.cancel(DatasetCancelRequested(dataset_id="0" * 64))
    with pytest.raises(DatasetUnknown):
        await service.delete(DatasetDeleteRequested(dataset_id="0" * 64))


async def test_a_ready_dataset_cannot_be_cancelled(service, small):
    await service.make_all(small())
    with pytest.raises(DatasetNotInState, match="is ready and cannot be cancelled"):
        await service.cancel(DatasetCancelRequested(dataset_id=small().dataset_id()))
