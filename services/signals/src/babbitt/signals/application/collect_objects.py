"""Remove what no dataset needs any more from the object store."""

from dataclasses import dataclass
from datetime import timedelta

from babbitt.chassis.clock import Clock
from babbitt.signals.application.ports import Datasets, Shards


@dataclass(frozen=True, slots=True)
class CollectObjects:
    """Runs in a transaction of its own. A second collector at the same time does no harm."""

    datasets: Datasets
    shards: Shards
    now: Clock
    kept: timedelta

    async def __call__(self) -> int:
        """Remove the objects of attempts that ended long enough ago without a dataset; how many attempts."""
        attempts = await self.datasets.collectable(self.now() - self.kept)
        for dataset_id, attempt in attempts:
            await self.shards.discard(dataset_id, attempt, await self.datasets.shards(dataset_id, attempt))
            await self.datasets.forget_shards(dataset_id, attempt)
        return len(attempts)
