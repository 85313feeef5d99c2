"""Answer a DatasetRequested: make it, or say again that it is there."""

from dataclasses import dataclass

from babbitt.contracts.datasets import DatasetRequested, ShardRequested
from babbitt.signals.application.ports import Datasets, Outbox, Uploads, Worker
from babbitt.signals.domain.dataset import State
from babbitt.signals.domain.plan import plan_of, uploads_of

PLANNED_WITHIN_S = 120
"""Ten thousand files by two hundred rules take five seconds, and asking a distant store for their sizes some more."""


@dataclass(frozen=True, slots=True)
class RequestDataset:
    """Runs inside the message's transaction; never commits."""

    datasets: Datasets
    outbox: Outbox
    worker: Worker
    uploads: Uploads

    async def __call__(self, request: DatasetRequested) -> None:
        """Fan its shards out, unless it is there or being made.

        Raises:
            DatasetImpossible: no dataset can be made of it.
            Unavailable: the object store is away.
        """
        await self.datasets.expect_work(PLANNED_WITHIN_S)
        sizes = await self.uploads.sizes(uploads_of(request.configuration))
        plan = await self.worker(plan_of, request.configuration, sizes)
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
                part=shard.part,
                parts=shard.parts,
            )
            await self.outbox.publish(wanted, sequence=dataset.attempt)
