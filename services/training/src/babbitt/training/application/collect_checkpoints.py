"""Remove the checkpoints of jobs that have ended: nothing goes on from them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from babbitt.training.application.attempt_ports import Workspaces
from babbitt.training.application.ports import Jobs


@dataclass(frozen=True, slots=True)
class CollectCheckpoints:
    """Opens its own transactions: none waits for the store.

    Attributes:
        transaction: the jobs, within a new transaction.
        kept_s: how long they stay; an attempt that has not yet noticed the end may be storing one more.
    """

    transaction: Callable[[], AbstractAsyncContextManager[Jobs]]
    workspaces: Workspaces
    kept_s: float

    async def __call__(self) -> int:
        """How many jobs there were. A second collector at the same time does no harm."""
        async with self.transaction() as jobs:
            ended = await jobs.ended_with_checkpoint(self.kept_s)
        for job_id in ended:
            await self.workspaces.discard_checkpoints(job_id)
            async with self.transaction() as jobs:
                await jobs.forget_checkpoint(job_id)
        return len(ended)
