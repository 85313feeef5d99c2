"""What signals hears. One message is one transaction: inbox row, state, outbox rows, or none of them."""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.contracts.cloudevents import Delivery
from babbitt.contracts.datasets import DatasetCancelRequested, DatasetDeleteRequested, DatasetRequested, ShardRequested
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.models import ModelRegistered, ModelRetired
from babbitt.signals.application.cancel_dataset import CancelDataset
from babbitt.signals.application.delete_dataset import DeleteDataset
from babbitt.signals.application.keep_lineage import KeepLineage
from babbitt.signals.application.make_shard import MakeShard
from babbitt.signals.application.request_dataset import RequestDataset

type Within[UseCase] = Callable[[AsyncSession, Envelope], UseCase]
"""Builds a use case within a transaction, to answer a message."""


class Consumers:
    """Translates messages into use cases."""

    def __init__(
        self,
        request: Within[RequestDataset],
        make: Within[MakeShard],
        cancel: Within[CancelDataset],
        delete: Within[DeleteDataset],
        lineage: Within[KeepLineage],
    ) -> None:
        self._request = request
        self._make = make
        self._cancel = cancel
        self._delete = delete
        self._lineage = lineage

    async def dataset_requested(self, delivery: Delivery[DatasetRequested], session: AsyncSession) -> None:
        """Make a dataset, or say that it is there."""
        await self._request(session, delivery.envelope)(delivery.message)

    async def cancel_requested(self, delivery: Delivery[DatasetCancelRequested], session: AsyncSession) -> None:
        """Stop making a dataset."""
        await self._cancel(session, delivery.envelope)(delivery.message)

    async def delete_requested(self, delivery: Delivery[DatasetDeleteRequested], session: AsyncSession) -> None:
        """Remove a dataset."""
        await self._delete(session, delivery.envelope)(delivery.message)

    async def shard_requested(self, delivery: Delivery[ShardRequested], session: AsyncSession) -> None:
        """Make a shard, and end the dataset with its last one."""
        await self._make(session, delivery.envelope)(delivery.message)

    async def shard_given_up(self, delivery: Delivery[ShardRequested], session: AsyncSession, reason: str) -> None:
        """End the dataset of a shard that was tried in vain."""
        await self._make(session, delivery.envelope).given_up(delivery.message, reason)

    async def model_registered(self, delivery: Delivery[ModelRegistered], session: AsyncSession) -> None:
        """Note what a version was trained on."""
        await self._lineage(session, delivery.envelope).registered(delivery.message)

    async def model_retired(self, delivery: Delivery[ModelRetired], session: AsyncSession) -> None:
        """Note that a version needs its dataset no more."""
        await self._lineage(session, delivery.envelope).retired(delivery.message)
