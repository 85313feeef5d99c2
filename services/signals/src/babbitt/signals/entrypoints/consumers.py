"""What signals hears. One message is one transaction: inbox row, state, outbox rows, or none of them."""

from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.clock import Clock
from babbitt.chassis.outbox import Outbox
from babbitt.contracts.cloudevents import Delivery
from babbitt.contracts.datasets import (
    DatasetCancelRequested,
    DatasetDeleteRequested,
    DatasetRequested,
    ShardRequested,
)
from babbitt.contracts.envelope import Message
from babbitt.signals.adapters.postgres import PostgresDatasets, allow_work_within
from babbitt.signals.application.cancel_dataset import CancelDataset
from babbitt.signals.application.delete_dataset import DeleteDataset
from babbitt.signals.application.finish_dataset import FinishDataset
from babbitt.signals.application.make_shard import MakeShard
from babbitt.signals.application.ports import Shards, Worker
from babbitt.signals.application.request_dataset import RequestDataset

SOURCE = "/babbitt/signals"

WORK_WITHIN_S = 300
"""A shard takes seconds; a machine may be slow, and a transaction that is cut off begins anew."""


class Consumers:
    """Translates messages into use cases."""

    def __init__(self, shards: Shards, worker: Worker, now: Clock) -> None:
        self._shards = shards
        self._worker = worker
        self._now = now

    async def dataset_requested(self, delivery: Delivery[DatasetRequested], session: AsyncSession) -> None:
        """Make a dataset, or say that it is there."""
        await RequestDataset(PostgresDatasets(session), _outbox(delivery, session), self._worker)(delivery.message)

    async def cancel_requested(self, delivery: Delivery[DatasetCancelRequested], session: AsyncSession) -> None:
        """Stop making a dataset."""
        await CancelDataset(PostgresDatasets(session), _outbox(delivery, session))(delivery.message)

    async def delete_requested(self, delivery: Delivery[DatasetDeleteRequested], session: AsyncSession) -> None:
        """Remove a dataset."""
        await DeleteDataset(PostgresDatasets(session), _outbox(delivery, session))(delivery.message)

    async def shard_requested(self, delivery: Delivery[ShardRequested], session: AsyncSession) -> None:
        """Make a shard, and end the dataset with its last one."""
        await allow_work_within(session, WORK_WITHIN_S)
        datasets, outbox = PostgresDatasets(session), _outbox(delivery, session)
        finish = FinishDataset(datasets, self._shards, outbox, self._worker)
        await MakeShard(datasets, self._shards, finish, outbox, self._now)(delivery.message)


def _outbox(delivery: Delivery[Message], session: AsyncSession) -> Outbox:
    return Outbox(session, SOURCE, delivery.envelope)
