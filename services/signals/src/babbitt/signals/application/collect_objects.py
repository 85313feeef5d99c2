"""Remove what no dataset needs any more from the object store."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta

from babbitt.chassis.clock import Clock
from babbitt.signals.application.ports import Datasets, Shards


@dataclass(frozen=True, slots=True)
class CollectObjects:
    """Opens its own transactions: none waits for the store. A second collector at the same time does no harm.

    Attributes:
        transaction: the datasets, within a new transaction.
        kept: how long objects stay after the last change of their dataset.
    """

    transaction: Callable[[], AbstractAsyncContextManager[Datasets]]
    shards: Shards
    now: Clock
    kept: timedelta

    async def __call__(self) -> int:
        """Remove the objects of attempts that ended long enough ago without a dataset; how many attempts."""
        async with self.transaction() as datasets:
            attempts = await datasets.collectable(self.now() - self.kept)
        for dataset_id, attempt in attempts:
            await self.shards.discard(dataset_id, attempt)
            async with self.transaction() as datasets:
                await datasets.collected(dataset_id, attempt)
        return len(attempts)
