"""Take note of what pending jobs read: retention spares it until they have ended."""

from dataclasses import dataclass

from babbitt.contracts.training import (
    EvaluationCompleted,
    JobEvent,
    TrainCancelled,
    TrainCompleted,
    TrainFailed,
    TrainQueued,
)
from babbitt.contracts.tuning import TuningCompleted
from babbitt.registry.application.ports import Needs

ENDS = (TrainCompleted, EvaluationCompleted, TuningCompleted, TrainFailed, TrainCancelled)
"""What training says of a job that has ended."""


@dataclass(frozen=True, slots=True)
class FollowJobs:
    """Follows jobs by what training tells. Runs inside the message's transaction; never commits."""

    needs: Needs

    async def queued(self, job: TrainQueued) -> None:
        """A job begins to need versions of its model.

        A trial needs what its study needs, for no longer: of the two keys the trial's end may be heard first, and then
        nothing would end what its beginning notes.
        """
        if job.study is None:
            await self.needs.add(job.job_id, job.model, job.needs)

    async def ended(self, job: JobEvent) -> None:
        """It needs nothing any more, however it ended."""
        await self.needs.drop(job.job_id)
