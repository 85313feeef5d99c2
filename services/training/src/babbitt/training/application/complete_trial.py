"""A trial has learnt all that it could: its job ends, and its study goes on."""

from dataclasses import dataclass

from babbitt.training.application.advance_study import AdvanceStudy
from babbitt.training.application.ports import Jobs
from babbitt.training.domain.lease import Lease
from babbitt.training.fitting.progress import Tried


@dataclass(frozen=True, slots=True)
class CompleteTrial:
    """Runs in a transaction of the attempt's; raises LeaseLost where it no longer holds the job."""

    jobs: Jobs
    advance: AdvanceStudy

    async def __call__(self, lease: Lease, tried: Tried) -> None:
        """End the job; the study says what came of it."""
        job = await self.jobs.held(lease.job_id, lease.attempt)
        job.complete()
        await self.jobs.save(job)
        await self.advance.tried(job, tried.validation_loss)
