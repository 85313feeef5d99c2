"""Fail the jobs whose dataset or version did not come in time."""

from dataclasses import dataclass

from babbitt.contracts.training import TrainFailed
from babbitt.training.application.ports import Answering, Jobs, TrialOver, no_trial
from babbitt.training.application.readiness import Readiness


@dataclass(frozen=True, slots=True)
class FailWaiting:
    """Runs in a transaction of its own.

    Attributes:
        answering: the outbox of what is said of a job.
        longest_s: how long a job waits.
    """

    jobs: Jobs
    readiness: Readiness
    answering: Answering
    longest_s: float
    trial_over: TrialOver = no_trial

    async def __call__(self) -> int:
        """How many there were."""
        late = await self.jobs.waited_longer_than(self.longest_s)
        for job in late:
            job.fail()
            missing = await self.readiness.missing(job) or f"dataset {job.request.dataset}"
            kind = "dataset_missing" if missing.startswith("dataset ") else "version_missing"
            reason = f"{missing} was not there after {self.longest_s:g} s"
            said = TrainFailed(job_id=job.id, model=job.request.model, kind=kind, reason=reason)
            await self.answering(job).publish(said, sequence=job.say())
            await self.jobs.save(job)
            await self.trial_over(job, kind, reason)
        return len(late)
