"""Answer a TrainCancelRequested: the job stops, or will not begin when it comes."""

from dataclasses import dataclass

from babbitt.contracts.training import TrainCancelled, TrainCancelRequested
from babbitt.training.application.ports import Cancellations, Jobs, Outbox


@dataclass(frozen=True, slots=True)
class CancelJob:
    """Runs inside the message's transaction; never commits. A running attempt finds that it has lost its lease."""

    jobs: Jobs
    cancellations: Cancellations
    outbox: Outbox

    async def __call__(self, request: TrainCancelRequested) -> None:
        """Cancel the job; asked for again, nothing more happens.

        Raises:
            JobEnded: it is over.
        """
        await self.jobs.reserve(request.job_id)
        job = await self.jobs.locked(request.job_id)
        if job is None:
            await self.cancellations.remember(request.job_id, request.reason)
            return
        if job.cancel():
            said = TrainCancelled(job_id=job.id, model=job.request.model, reason=request.reason)
            await self.outbox.publish(said, sequence=job.say())
            await self.jobs.save(job)
