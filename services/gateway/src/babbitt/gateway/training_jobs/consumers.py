"""What the gateway hears of training jobs."""

from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.settlement import Handler
from babbitt.contracts.cloudevents import Delivery
from babbitt.contracts.envelope import Message
from babbitt.contracts.problems import RequestRefused
from babbitt.contracts.training import (
    EpochCompleted,
    EvaluationCompleted,
    JobEvent,
    TrainCancelled,
    TrainCompleted,
    TrainFailed,
    TrainQueued,
    TrainStarted,
)
from babbitt.contracts.tuning import TrialCompleted, TuningCompleted
from babbitt.gateway.training_jobs.queries import add_epoch, move_on, refuse

NOTHING_FOLLOWS = 2**53
"""A sequence later than any: of an end that is told on another job's behalf, in whatever order it comes."""


async def queued(delivery: Delivery[TrainQueued], session: AsyncSession) -> None:
    """The job is accepted."""
    names = {"kind", "study", "dataset", "preset", "waits_for_dataset", "requested_by"}
    told = delivery.message.model_dump(include=names)
    await _move_on(delivery, session, "queued", **told)


async def started(delivery: Delivery[TrainStarted], session: AsyncSession) -> None:
    """A worker took it."""
    told = delivery.message.model_dump(include={"attempt", "epochs", "runs", "device"})
    run = delivery.message.resumes_from_run
    await _move_on(delivery, session, "running", waits_for_dataset=False, run=run, **told)


async def epoch_completed(delivery: Delivery[EpochCompleted], session: AsyncSession) -> None:
    """One more point of the curves."""
    said = delivery.message
    await add_epoch(session, said, delivery.envelope.time)
    told = said.model_dump(include={"run", "runs", "epoch", "epochs"})
    await _move_on(delivery, session, "running", **told)


async def completed(delivery: Delivery[TrainCompleted], session: AsyncSession) -> None:
    """It ended with a model."""
    names = {"dataset", "preset", "evaluation", "parity", "artifact", "report", "seconds", "device"}
    told = delivery.message.model_dump(mode="json", include=names)
    await _move_on(delivery, session, "completed", **told)


async def evaluated(delivery: Delivery[EvaluationCompleted], session: AsyncSession) -> None:
    """A version was tested."""
    told = delivery.message.model_dump(mode="json", include={"dataset", "version", "evaluation", "report", "seconds"})
    await _move_on(delivery, session, "completed", kind="evaluation", **told)


async def tried(delivery: Delivery[TrialCompleted], session: AsyncSession) -> None:
    """A trial of a study has ended. Where it did well, its own job says nothing more; else that is told of the job."""
    said = delivery.message
    await _move_on(delivery, session, "running", kind="tuning")
    if said.state == "completed":
        told = {"kind": "training", "study": said.job_id}
        await move_on(session, said.trial_job, said.model, "completed", NOTHING_FOLLOWS, **told)


async def tuned(delivery: Delivery[TuningCompleted], session: AsyncSession) -> None:
    """A study ended; the job that trains its best trial once more follows."""
    told = delivery.message.model_dump(mode="json", include={"report"})
    await _move_on(delivery, session, "completed", kind="tuning", **told)


async def failed(delivery: Delivery[TrainFailed], session: AsyncSession) -> None:
    """It ended without one."""
    said = delivery.message
    await _move_on(delivery, session, "failed", failure_kind=said.kind, reason=said.reason)


async def cancelled(delivery: Delivery[TrainCancelled], session: AsyncSession) -> None:
    """It was stopped."""
    await _move_on(delivery, session, "cancelled", reason=delivery.message.reason)


async def refused(delivery: Delivery[RequestRefused], session: AsyncSession) -> None:
    """A request was refused, perhaps one from here."""
    problem = delivery.message.problem.model_dump(mode="json", exclude_none=True)
    await refuse(session, delivery.message.request_id, problem)


async def _move_on[E: JobEvent](delivery: Delivery[E], session: AsyncSession, state: str, **told: object) -> None:
    said = delivery.message
    await move_on(session, said.job_id, said.model, state, delivery.envelope.revision, **told)


JOB_HANDLERS: dict[type[Message], Handler] = {
    TrainQueued: queued,
    TrainStarted: started,
    EpochCompleted: epoch_completed,
    TrainCompleted: completed,
    EvaluationCompleted: evaluated,
    TrialCompleted: tried,
    TuningCompleted: tuned,
    TrainFailed: failed,
    TrainCancelled: cancelled,
    RequestRefused: refused,
}
