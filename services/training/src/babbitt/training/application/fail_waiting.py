"""Fail the jobs whose dataset did not come in time."""

from dataclasses import dataclass

from babbitt.contracts.training import TrainFailed
from babbitt.training.application.ports import Answering, Jobs


@dataclass(frozen=True, slots=True)
class FailWaiting:
    """Runs in a transaction of its own.

    Attributes:
        answering: the outbox of what is said of a job.
        longest_s: how long a job waits.
    """

    jobs: Jobs
    answering: Answering
    longest_s: float

    async def __call__(self) -> int:
        """How many there were."""
        late = await self.jobs.waited_longer_than(self.longest_s)
        for job in late:
            job.fail()
            reason = f"dataset {job.request.dataset} was not there after {self.longest_s:g} s"
            said = TrainFailed(job_id=job.id, model=job.request.model, kind="dataset_missing", reason=reason)
            await self.answering(job).publish(said, sequence=job.say())
            await self.jobs.save(job)
        return len(late)
