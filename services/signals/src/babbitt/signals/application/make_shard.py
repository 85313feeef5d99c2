"""Answer a ShardRequested: make the shard; whoever makes the last one ends the dataset."""

import asyncio
from dataclasses import dataclass

from babbitt.chassis.clock import Clock
from babbitt.contracts.datasets import DatasetFailed, DatasetProgressed, ShardRequested
from babbitt.signals.application.finish_dataset import FinishDataset
from babbitt.signals.application.ports import Datasets, Outbox, Shards
from babbitt.signals.domain.dataset import Dataset
from babbitt.signals.domain.records import MadeShard
from babbitt.signals.domain.shards import PlannedShard
from babbitt.signals.errors import MakingFailed

MAKE_WITHIN_S = 270.0
"""A shard takes seconds, and machines may be slow. What takes longer would take as long at the next try, and hold up
all shards behind it."""
WORK_WITHIN_S = 300
"""Later than that: a transaction that is cut off begins anew."""


@dataclass(frozen=True, slots=True)
class MakeShard:
    """Runs inside the message's transaction; never commits. The dataset is locked once the work is done."""

    datasets: Datasets
    shards: Shards
    finish: FinishDataset
    outbox: Outbox
    now: Clock

    async def __call__(self, request: ShardRequested) -> None:
        """Make it, unless nobody needs it any more."""
        dataset = await self.datasets.find(request.dataset_id)
        if dataset is None or not dataset.is_making(request.attempt):
            return
        await self.datasets.expect_work(WORK_WITHIN_S)
        planned = PlannedShard(request.index, request.first_record, request.records, request.part, request.parts)
        try:
            made = await self._made(dataset, planned)
        except MakingFailed as error:
            if dataset := await self._still_wanted(request):
                await self._fail(dataset, str(error))
            return
        dataset = await self._still_wanted(request)
        if dataset is None or not await self.datasets.add_shard(dataset.id, dataset.attempt, made):
            return
        to_be_told = dataset.shard_done(self.now())
        if to_be_told:
            progress = DatasetProgressed(dataset_id=dataset.id, shards_done=dataset.shards_done, shards=dataset.shards)
            await self.outbox.publish(progress, sequence=dataset.revision)
        if dataset.is_complete:
            try:
                await self.finish(dataset)
            except MakingFailed as error:
                await self._fail(dataset, str(error))
                return
        await self.datasets.save(dataset)

    async def given_up(self, request: ShardRequested, reason: str) -> None:
        """Fail the dataset of a shard that was tried in vain: nothing else would end it before it is stalled."""
        if dataset := await self._still_wanted(request):
            await self._fail(dataset, f"shard {request.index} was given up: {reason}")

    async def _made(self, dataset: Dataset, planned: PlannedShard) -> MadeShard:
        try:
            async with asyncio.timeout(MAKE_WITHIN_S):
                return await self.shards.make(dataset.configuration, dataset.id, dataset.attempt, planned)
        except TimeoutError as error:
            raise MakingFailed(f"shard {planned.index} took over {MAKE_WITHIN_S:g} s to make") from error

    async def _still_wanted(self, request: ShardRequested) -> Dataset | None:
        dataset = await self.datasets.locked(request.dataset_id)
        return dataset if dataset and dataset.is_making(request.attempt) else None

    async def _fail(self, dataset: Dataset, reason: str) -> None:
        failed = DatasetFailed(dataset_id=dataset.id, reason=dataset.fail(reason))
        await self.datasets.save(dataset)
        await self.outbox.publish(failed, sequence=dataset.revision)
