"""The use cases of a dataset's making, over fakes of the ports."""

import pytest

from babbitt.contracts.datasets import DatasetRequested, ShardRequested
from babbitt.signals.application.cancel_dataset import CancelDataset
from babbitt.signals.application.delete_dataset import DeleteDataset
from babbitt.signals.application.finish_dataset import FinishDataset
from babbitt.signals.application.make_shard import MakeShard
from babbitt.signals.application.request_dataset import RequestDataset


@pytest.fixture
def service(datasets, shards, lineage, outbox, worker, clock, uploads):
    class Service:
        request = RequestDataset(datasets, outbox, worker, uploads)
        finish = FinishDataset(datasets, shards, outbox, worker)
        make = MakeShard(datasets, shards, finish, outbox, clock)
        cancel = CancelDataset(datasets, outbox)
        delete = DeleteDataset(datasets, lineage, outbox)

        async def ask(self, configuration, label=None):
            """Ask for a dataset; the shards that are to be made for it."""
            before = len(outbox.of(ShardRequested))
            await self.request(DatasetRequested(configuration=configuration, label=label))
            return outbox.of(ShardRequested)[before:]

        async def make_all(self, configuration, label=None):
            for wanted in await self.ask(configuration, label):
                await self.make(wanted)
            return datasets.rows[configuration.dataset_id()]

    return Service()
