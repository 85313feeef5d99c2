"""What signals hears is read as its golden examples say; what it says is what was promised."""

import pytest

from babbitt.contracts.catalogue import messages_on
from babbitt.contracts.datasets import ShardRequested
from babbitt.contracts.topics import DATASETS_EVENTS
from babbitt.signals.application.cancel_dataset import CancelDataset
from babbitt.signals.application.delete_dataset import DeleteDataset
from babbitt.signals.application.finish_dataset import FinishDataset
from babbitt.signals.application.keep_lineage import KeepLineage
from babbitt.signals.application.make_shard import MakeShard
from babbitt.signals.application.request_dataset import RequestDataset
from babbitt.signals.domain.dataset import State
from babbitt.signals.domain.plan import plan_of
from babbitt.signals.entrypoints.consumers import Consumers
from babbitt.signals.errors import MakingFailed

SAID_BY_THE_CHASSIS = {"RequestRefused"}


@pytest.fixture
def hear(datasets, shards, lineage, outbox, worker, clock, golden, uploads):
    """A function that hears the golden example of a message, over the service's use cases in memory."""
    finish = FinishDataset(datasets, shards, outbox, worker)
    consumers = Consumers(
        request=lambda *_: RequestDataset(datasets, outbox, worker, uploads),
        make=lambda *_: MakeShard(datasets, shards, finish, outbox, clock),
        cancel=lambda *_: CancelDataset(datasets, outbox),
        delete=lambda *_: DeleteDataset(datasets, lineage, outbox),
        lineage=lambda *_: KeepLineage(lineage),
    )
    handlers = {
        "DatasetRequested": consumers.dataset_requested,
        "ShardRequested": consumers.shard_requested,
        "DatasetCancelRequested": consumers.cancel_requested,
        "DatasetDeleteRequested": consumers.delete_requested,
        "ModelRegistered": consumers.model_registered,
        "ModelRetired": consumers.model_retired,
    }

    async def hear(name, **fields):
        delivery = golden(name)
        message = delivery.message.model_copy(update=fields)
        await handlers[name](type(delivery)(message, delivery.envelope, delivery.origin), None)

    return hear


async def test_the_golden_request_is_a_dataset_that_is_being_made(hear, datasets, golden):
    asked = golden("DatasetRequested").message.configuration
    await hear("DatasetRequested")
    dataset = datasets.rows[asked.dataset_id()]
    assert (dataset.configuration, dataset.state) == (asked, State.MAKING)
    assert dataset.shards == len(plan_of(asked).shards)


async def test_all_that_is_said_of_a_dataset_is_what_was_promised(hear, small, outbox, shards, promised):
    configuration = small()
    dataset_id = configuration.dataset_id()

    async def make():
        before = len(outbox.of(ShardRequested))
        await hear("DatasetRequested", configuration=configuration)
        for wanted in outbox.of(ShardRequested)[before:]:
            await hear("ShardRequested", **wanted.model_dump())

    await hear("DatasetRequested", configuration=configuration)
    await hear("DatasetCancelRequested", dataset_id=dataset_id)
    await make()
    await hear("DatasetDeleteRequested", dataset_id=dataset_id)
    shards.failing = MakingFailed("its upload is missing")
    await make()
    said = [message for _, message in outbox.said]
    assert promised(said) == (messages_on(DATASETS_EVENTS).keys() | {"ShardRequested"}) - SAID_BY_THE_CHASSIS


async def test_the_golden_registration_needs_its_dataset_until_the_golden_retirement(hear, lineage, golden):
    registered = golden("ModelRegistered").message
    await hear("ModelRegistered")
    assert await lineage.needing(registered.dataset) == [f"{registered.model}@{registered.version}"]
    await hear("ModelRetired", model=registered.model, version=registered.version)
    assert await lineage.needing(registered.dataset) == []
