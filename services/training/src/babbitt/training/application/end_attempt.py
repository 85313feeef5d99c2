"""An attempt ends before its job does: another one takes it up, unless too many have died."""

from dataclasses import dataclass

from babbitt.contracts.training import TrainFailed
from babbitt.training.application.ports import Jobs, Outbox, TrialOver, no_trial
from babbitt.training.domain.job import State
from babbitt.training.domain.lease import Lease


@dataclass(frozen=True, slots=True)
class EndAttempt:
    """Runs in a transaction of the attempt's; raises LeaseLost where it no longer holds the job."""

    jobs: Jobs
    outbox: Outbox
    most_deaths: int
    trial_over: TrialOver = no_trial

    async def died(self, lease: Lease, reason: str) -> None:
        """It ended without a word; the reason is the last thing that was heard of it."""
        job = await self.jobs.held(lease.job_id, lease.attempt)
        job.died()
        if job.deaths >= self.most_deaths:
            job.fail()
            reason = f"{job.deaths} attempts in a row died without getting further, the last one: {reason}"
            said = TrainFailed(job_id=job.id, model=job.request.model, kind="attempts_exhausted", reason=reason)
            await self.outbox.publish(said, sequence=job.say())
        await self.jobs.save(job)
        if job.state is State.FAILED:
            await self.trial_over(job, "attempts_exhausted", reason)

    async def given_back(self, lease: Lease) -> None:
        """It was stopped in good order."""
        job = await self.jobs.held(lease.job_id, lease.attempt)
        job.give_back()
        await self.jobs.save(job)
