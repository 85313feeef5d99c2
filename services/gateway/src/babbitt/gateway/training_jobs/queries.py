"""Training jobs in the database: what was asked for here, moved on by what `training` says."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, case, cast, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.contracts.training import EpochCompleted, JobKind
from babbitt.contracts.training_requests import EvaluationRequested, ImportRequested, TrainRequested
from babbitt.contracts.tuning import TuningRequested
from babbitt.gateway.tables import TRAINING_CURVES, TRAINING_JOBS

type JobRequest = TrainRequested | EvaluationRequested | ImportRequested | TuningRequested

KINDS: dict[type[JobRequest], JobKind] = {
    TrainRequested: "training",
    EvaluationRequested: "evaluation",
    ImportRequested: "import",
    TuningRequested: "tuning",
}


async def request_job(session: AsyncSession, job_id: UUID, request: JobRequest, request_id: str) -> bool:
    """Take note of a request; False: there is a job of that id already."""
    wanted = request.base if isinstance(request, TuningRequested) else request
    values = {
        "id": job_id,
        "kind": KINDS[type(request)],
        "state": "requested",
        "request_id": request_id,
        "request": request.model_dump(mode="json"),
        "model": wanted.model,
        "version": wanted.version if isinstance(wanted, EvaluationRequested) else None,
        "dataset": wanted.dataset,
        "preset": wanted.preset if isinstance(wanted, TrainRequested) else None,
        "requested_by": request.requested_by,
    }
    made = await session.execute(
        insert(TRAINING_JOBS).values(values).on_conflict_do_nothing().returning(TRAINING_JOBS.c.id)
    )
    return made.first() is not None


async def locked_job(session: AsyncSession, job_id: UUID) -> Row[Any] | None:
    """A job whose row nobody else changes before this transaction ends."""
    query = select(TRAINING_JOBS).where(TRAINING_JOBS.c.id == job_id).with_for_update()
    return (await session.execute(query)).one_or_none()


async def find_job(session: AsyncSession, job_id: UUID) -> Row[Any] | None:
    """A job by its id."""
    return (await session.execute(select(TRAINING_JOBS).where(TRAINING_JOBS.c.id == job_id))).one_or_none()


async def curve_points(session: AsyncSession, job_id: UUID) -> Sequence[Any]:
    """What is drawn of a job's epochs: its runs in order, each from its first epoch."""
    of = TRAINING_CURVES.c
    query = select(of.run, of.epoch, of.train_loss, of.validation_loss, of.validation_accuracy)
    return (await session.execute(query.where(of.job_id == job_id).order_by(of.run, of.epoch))).all()


async def curves(session: AsyncSession, job_id: UUID, places: Sequence[tuple[int, int]]) -> Sequence[Row[Any]]:
    """All that was told of these epochs, each given by its run and its number; in the order of the runs."""
    of = TRAINING_CURVES.c
    runs, epochs = ([place[part] for place in places] for part in (0, 1))
    asked = (
        func.unnest(cast(runs, ARRAY(Integer)), cast(epochs, ARRAY(Integer)))
        .table_valued("run", "epoch")
        .render_derived()
    )
    query = select(TRAINING_CURVES).join(asked, (of.run == asked.c.run) & (of.epoch == asked.c.epoch))
    return (await session.execute(query.where(of.job_id == job_id).order_by(of.run, of.epoch))).all()


async def note_cancel(session: AsyncSession, job_id: UUID) -> None:
    """Remember that a job's end was asked for."""
    noted = {"cancel_requested_at": func.now(), "updated_at": func.now()}
    await session.execute(update(TRAINING_JOBS).where(TRAINING_JOBS.c.id == job_id).values(noted))


async def move_on(session: AsyncSession, job_id: UUID, model: str, state: str, sequence: int, **told: Any) -> None:
    """What an event says of a job, unless a later one was heard before; it may have been asked for elsewhere."""
    values = {"state": state, "sequence": sequence, "updated_at": func.now(), **told}
    moved = insert(TRAINING_JOBS).values(id=job_id, model=model, **values)
    later = (TRAINING_JOBS.c.sequence < sequence) | TRAINING_JOBS.c.state.in_(("requested", "refused"))
    await session.execute(moved.on_conflict_do_update(index_elements=[TRAINING_JOBS.c.id], set_=values, where=later))


async def add_epoch(session: AsyncSession, said: EpochCompleted, at: Any) -> None:
    """A point of the curves; a resumed job may tell an epoch anew, and the last time counts."""
    told = said.model_dump(exclude={"model", "runs", "epochs"})
    statement = insert(TRAINING_CURVES).values(**told, completed_at=at)
    keys = [TRAINING_CURVES.c.job_id, TRAINING_CURVES.c.run, TRAINING_CURVES.c.epoch]
    anew = {name: statement.excluded[name] for name in told if name not in {key.name for key in keys}}
    await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=anew))


async def refuse(session: AsyncSession, request_id: str, problem: dict[str, Any]) -> None:
    """A request from here was refused: a job that nobody has queued ends with it."""
    ended = case((TRAINING_JOBS.c.state == "requested", "refused"), else_=TRAINING_JOBS.c.state)
    values = {"state": ended, "problem": problem, "updated_at": func.now()}
    await session.execute(update(TRAINING_JOBS).where(TRAINING_JOBS.c.request_id == request_id).values(values))
