"""Jobs in PostgreSQL, within the session of one transaction. Leases run by the database's clock."""

from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.training import JobKind
from babbitt.training.adapters.tables import JOBS
from babbitt.training.domain.job import ENDED, KINDS, Job, SavedCheckpoint, State, Trial
from babbitt.training.domain.place import Place
from babbitt.training.errors import LeaseLost

NOW = func.clock_timestamp()
_COLLECTED_AT_ONCE = 100


class PostgresJobs:
    """The jobs that there are; never commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def reserve(self, job_id: UUID) -> None:
        """Whoever else submits or cancels a job of this id waits for the end of this transaction.

        A job that is not there yet has no row that could be locked.
        """
        await self._session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"job {job_id}", 0))))

    async def add(self, job: Job) -> bool:
        """Enter a job; False: there is one of that id."""
        row = insert(JOBS).values(id=job.id, **_columns(job))
        added = await self._session.execute(row.on_conflict_do_nothing().returning(JOBS.c.id))
        return added.first() is not None

    async def locked(self, job_id: UUID) -> Job | None:
        """A job by its id."""
        return await self._first(select(JOBS).where(JOBS.c.id == job_id).with_for_update())

    async def save(self, job: Job) -> None:
        """Keep what was changed of a locked job."""
        await self._session.execute(update(JOBS).where(JOBS.c.id == job.id).values(**_columns(job), updated_at=NOW))

    async def waiting_for(self, dataset_id: str, *, since: datetime | None = None) -> Sequence[Job]:
        """Jobs that wait for a dataset, those alone that were asked for before `since`."""
        query = select(JOBS).where(JOBS.c.dataset == dataset_id, JOBS.c.state == State.WAITING)
        if since is not None:
            query = query.where(JOBS.c.created_at < since)
        return await self._all(query.order_by(JOBS.c.created_at).with_for_update())

    async def waiting_for_version(self, model: str) -> Sequence[Job]:
        """Jobs about a model that wait for something."""
        waits = and_(JOBS.c.state == State.WAITING, JOBS.c.request["model"].as_string() == model)
        return await self._all(select(JOBS).where(waits).order_by(JOBS.c.created_at).with_for_update())

    async def waited_longer_than(self, seconds: float) -> Sequence[Job]:
        """Jobs that have waited longer for their dataset; those that somebody else has locked are left out."""
        late = JOBS.c.created_at < NOW - timedelta(seconds=seconds)
        return await self._all(
            select(JOBS).where(JOBS.c.state == State.WAITING, late).with_for_update(skip_locked=True)
        )

    async def next_to_run(self, kinds: Collection[JobKind] = tuple(KINDS)) -> Job | None:
        """The oldest job of these kinds that is queued, or whose lease ran out; locked ones are left out."""
        ran_out = and_(JOBS.c.state == State.RUNNING, JOBS.c.lease_until < NOW)
        query = select(JOBS).where(or_(JOBS.c.state == State.QUEUED, ran_out), JOBS.c.kind.in_(kinds))
        return await self._first(query.order_by(JOBS.c.created_at).limit(1).with_for_update(skip_locked=True))

    async def grant(self, job: Job, holder: str, lease_s: float) -> float:
        """Let `holder` have the job from now on; seconds of work that it has had already."""
        lease = {"holder": holder, "lease_until": NOW + timedelta(seconds=lease_s), "renewed_at": NOW}
        granted = update(JOBS).where(JOBS.c.id == job.id).values(**lease)
        return (await self._session.execute(granted.returning(JOBS.c.worked_s))).scalar_one()

    async def held(self, job_id: UUID, attempt: int) -> Job:
        """The job of an attempt that still holds it.

        Raises:
            LeaseLost: it does not.
        """
        job = await self._first(select(JOBS).where(_holds(job_id, attempt)).with_for_update())
        if job is None:
            raise LeaseLost(job_id, attempt)
        return job

    async def renew(self, job_id: UUID, attempt: int, lease_s: float) -> None:
        """Hold the job for longer, and count the work since the last time.

        Raises:
            LeaseLost: the attempt does not hold it.
        """
        work = {
            "worked_s": JOBS.c.worked_s + func.extract("epoch", NOW - JOBS.c.renewed_at),
            "lease_until": NOW + timedelta(seconds=lease_s),
            "renewed_at": NOW,
        }
        renewed = update(JOBS).where(_holds(job_id, attempt)).values(**work).returning(JOBS.c.id)
        if (await self._session.execute(renewed)).first() is None:
            raise LeaseLost(job_id, attempt)

    async def of_study(self, study: UUID) -> Sequence[Job]:
        """The jobs of a study's trials."""
        return await self._all(select(JOBS).where(JOBS.c.study == study).order_by(JOBS.c.trial).with_for_update())

    async def ended_with_checkpoint(self, seconds: float) -> Sequence[UUID]:
        """Ids of some jobs that ended longer ago and still have a checkpoint."""
        ended = and_(JOBS.c.state.in_(ENDED), JOBS.c.updated_at < NOW - timedelta(seconds=seconds))
        query = select(JOBS.c.id).where(JOBS.c.checkpoints != [], ended).limit(_COLLECTED_AT_ONCE)
        return (await self._session.scalars(query)).all()

    async def forget_checkpoint(self, job_id: UUID) -> None:
        """A job that has ended has no checkpoint any more."""
        await self._session.execute(update(JOBS).where(JOBS.c.id == job_id).values(checkpoints=[]))

    async def _first(self, query: Select[Any]) -> Job | None:
        row = (await self._session.execute(query)).one_or_none()
        return _job(row) if row else None

    async def _all(self, query: Select[Any]) -> Sequence[Job]:
        return [_job(row) for row in await self._session.execute(query)]


@asynccontextmanager
async def jobs_in_transaction(sessions: async_sessionmaker[AsyncSession]) -> AsyncGenerator[PostgresJobs]:
    """The jobs, within a transaction of their own."""
    async with transaction(sessions) as session:
        yield PostgresJobs(session)


def _holds(job_id: UUID, attempt: int) -> ColumnElement[bool]:
    """Whether the attempt may speak for the job, now that its row is locked."""
    return and_(JOBS.c.id == job_id, JOBS.c.attempt == attempt, JOBS.c.state == State.RUNNING, JOBS.c.lease_until > NOW)


def _columns(job: Job) -> dict[str, Any]:
    return {
        "kind": job.kind,
        "state": job.state,
        "dataset": job.request.dataset,
        "request": job.request.model_dump(mode="json"),
        "cause": job.cause.model_dump(mode="json"),
        "revision": job.revision,
        "attempt": job.attempt,
        "deaths": job.deaths,
        "run": job.told.run,
        "epoch": job.told.epoch,
        "checkpoints": [
            {"place": list(one.place), "best": one.best, "reference": one.reference.model_dump(mode="json")}
            for one in job.checkpoints
        ],
        "waits_for_device": job.waits_for_device,
        "study": job.study.study if job.study else None,
        "trial": job.study.number if job.study else None,
    }


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        request=KINDS[row.kind].model_validate(row.request),
        cause=Envelope.model_validate(row.cause),
        state=State(row.state),
        revision=row.revision,
        attempt=row.attempt,
        deaths=row.deaths,
        told=Place(row.run, row.epoch),
        checkpoints=tuple(
            SavedCheckpoint(Place(*one["place"]), ObjectReference.model_validate(one["reference"]), one["best"])
            for one in row.checkpoints
        ),
        study=Trial(row.study, row.trial) if row.study else None,
        waits_for_device=row.waits_for_device,
    )
