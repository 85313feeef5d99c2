"""There is a model: the job ends."""

from dataclasses import dataclass

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.training import TrainCompleted
from babbitt.training.application.ports import Jobs, Outbox
from babbitt.training.domain.lease import Lease
from babbitt.training.fitting.progress import Completed

SAID_OTHERWISE = {"event", "artifact", "report", "predictions"}


@dataclass(frozen=True, slots=True)
class CompleteJob:
    """Runs in a transaction of the attempt's; raises LeaseLost where it no longer holds the job."""

    jobs: Jobs
    outbox: Outbox

    async def __call__(
        self,
        lease: Lease,
        completed: Completed,
        artifact: ObjectReference,
        report: ObjectReference,
        predictions: ObjectReference,
    ) -> None:
        """Say so, with where its files lie."""
        job = await self.jobs.held(lease.job_id, lease.attempt)
        job.complete()
        said = TrainCompleted(
            job_id=job.id,
            model=job.request.model,
            dataset=job.request.dataset,
            preset=job.request.preset,
            artifact=artifact,
            report=report,
            predictions=predictions,
            requested_by=job.request.requested_by,
            **{name: getattr(completed, name) for name in Completed.model_fields if name not in SAID_OTHERWISE},
        )
        await self.outbox.publish(said, sequence=job.say())
        await self.jobs.save(job)
