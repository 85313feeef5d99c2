"""There will be no model: the job ends."""

from dataclasses import dataclass

from babbitt.contracts.training import TrainFailed
from babbitt.training.application.ports import Jobs, Outbox, TrialOver, no_trial
from babbitt.training.domain.lease import Lease


@dataclass(frozen=True, slots=True)
class FailJob:
    """Runs in a transaction of the attempt's; raises LeaseLost where it no longer holds the job."""

    jobs: Jobs
    outbox: Outbox
    trial_over: TrialOver = no_trial

    async def __call__(self, lease: Lease, kind: str, reason: str) -> None:
        """Say so, and why."""
        job = await self.jobs.held(lease.job_id, lease.attempt)
        job.fail()
        said = TrainFailed(job_id=job.id, model=job.request.model, kind=kind, reason=reason)
        await self.outbox.publish(said, sequence=job.say())
        await self.jobs.save(job)
        await self.trial_over(job, kind, reason)
