"""Answer a DatasetRequested: make it, or say again that it is there."""

from dataclasses import dataclass

from babbitt.contracts.datasets import DatasetRequested, ShardRequested
from babbitt.signals.application.ports import Datasets, Outbox, Worker
from babbitt.signals.domain.dataset import State
from babbitt.signals.domain.plan import plan_of


@dataclass(frozen=True, slots=True)
class RequestDataset:
    """Runs inside the message's transaction; never commits."""

    datasets: Datasets
    outbox: Outbox
    worker: Worker

    async def __call__(self, request: DatasetRequested) -> None:
        """Fan its shards out, unless it is there or being made.

        Raises:
            DatasetImpossible: no dataset can be made of it.
        """
        plan = await self.worker(plan_of, request.configuration)
        dataset = await self.datasets.locked_or_new(request.configuration)
        if dataset.state is State.MAKING:
            return
        if dataset.state is State.READY:
            ready = dataset.say_ready_again()
            await self.datasets.save(dataset)
            await self.outbox.publish(ready, sequence=dataset.revision)
            return
        dataset.begin(len(plan.shards), request.label)
        await self.datasets.save(dataset)
        for shard in plan.shards:
            wanted = ShardRequested(
                dataset_id=dataset.id,
                attempt=dataset.attempt,
                index=shard.index,
                first_record=shard.first,
                records=shard.count,
            )
            await self.outbox.publish(wanted, sequence=dataset.attempt)
