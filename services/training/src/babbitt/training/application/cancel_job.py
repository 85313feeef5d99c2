"""Answer a TrainCancelRequested: the job stops, or will not begin when it comes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from babbitt.contracts.training import TrainCancelled
from babbitt.contracts.training_requests import TrainCancelRequested
from babbitt.training.application.ports import Cancellations, Jobs, Outbox, TrialOver, no_trial


async def no_study(study_id: UUID, reason: str | None) -> bool:  # noqa: ARG001 - the type's
    """Where there are no studies."""
    return False


@dataclass(frozen=True, slots=True)
class CancelJob:
    """Runs inside the message's transaction; never commits. A running attempt finds that it has lost its lease.

    Attributes:
        cancel_study: cancels the study of an id; False: there is none.
    """

    jobs: Jobs
    cancellations: Cancellations
    outbox: Outbox
    cancel_study: Callable[[UUID, str | None], Awaitable[bool]] = no_study
    trial_over: TrialOver = no_trial

    async def __call__(self, request: TrainCancelRequested) -> None:
        """Cancel the job; asked for again, nothing more happens.

        Raises:
            JobEnded: it is over.
        """
        await self.jobs.reserve(request.job_id)
        job = await self.jobs.locked(request.job_id)
        if job is None:
            if await self.cancel_study(request.job_id, request.reason):
                return
            await self.cancellations.remember(request.job_id, request.reason)
            return
        if job.cancel():
            said = TrainCancelled(job_id=job.id, model=job.request.model, reason=request.reason)
            await self.outbox.publish(said, sequence=job.say())
            await self.jobs.save(job)
            await self.trial_over(job, "cancelled", request.reason or "it was cancelled")
