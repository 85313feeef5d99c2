"""End datasets that can never be whole: the broker has forgotten the requests for their shards."""

from dataclasses import dataclass
from datetime import timedelta

from babbitt.chassis.clock import Clock
from babbitt.contracts.datasets import DatasetFailed
from babbitt.signals.application.ports import Datasets, Outbox
from babbitt.signals.domain.dataset import State


@dataclass(frozen=True, slots=True)
class FailStalled:
    """Runs in a transaction of its own."""

    datasets: Datasets
    outbox: Outbox
    now: Clock
    after: timedelta

    async def __call__(self) -> int:
        """Fail what has had no new shard for so long; how many there were."""
        stalled = await self.datasets.stalled(self.now() - self.after)
        for dataset_id in stalled:
            dataset = await self.datasets.locked(dataset_id)
            if dataset is None or dataset.state is not State.MAKING:
                continue
            hours = self.after.total_seconds() / 3600
            reason = f"no shard was made for {hours:g} h, {dataset.shards_done} of {dataset.shards} are there"
            failed = DatasetFailed(dataset_id=dataset.id, reason=dataset.fail(reason))
            await self.datasets.save(dataset)
            await self.outbox.publish(failed, sequence=dataset.revision)
        return len(stalled)
