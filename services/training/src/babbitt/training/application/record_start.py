"""An attempt begins to learn."""

from dataclasses import dataclass

from babbitt.contracts.training import TrainStarted
from babbitt.training.application.ports import Jobs, Outbox
from babbitt.training.domain.lease import Lease
from babbitt.training.fitting.progress import Started


@dataclass(frozen=True, slots=True)
class RecordStart:
    """Runs in a transaction of the attempt's; raises LeaseLost where it no longer holds the job."""

    jobs: Jobs
    outbox: Outbox

    async def __call__(self, lease: Lease, started: Started) -> None:
        """Say so."""
        job = await self.jobs.held(lease.job_id, lease.attempt)
        said = TrainStarted(
            job_id=job.id,
            model=job.request.model,
            attempt=job.attempt,
            epochs=started.epochs,
            runs=started.runs,
            resumes_from_run=started.resumes_from_run,
            resumes_from_epoch=started.resumes_from_epoch,
            device=started.device,
        )
        await self.outbox.publish(said, sequence=job.say())
        await self.jobs.save(job)
