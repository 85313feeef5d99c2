"""`/v1/training-jobs`: train, look, cancel."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlalchemy import select

from babbitt.chassis.database import transaction
from babbitt.contracts.names import ModelName
from babbitt.contracts.training import TrainRequested
from babbitt.gateway.commands import command_answer, command_documented
from babbitt.gateway.errors import NotFound
from babbitt.gateway.keys.keyring import Caller
from babbitt.gateway.keys.scopes import READ, TRAIN, ScopedRoute
from babbitt.gateway.pagination import AskedPage, Page, newest_first
from babbitt.gateway.preferences import Preferred
from babbitt.gateway.problems import documented
from babbitt.gateway.tables import TRAINING_JOBS
from babbitt.gateway.training_jobs.queries import curves, find_job
from babbitt.gateway.training_jobs.requests import JobRequests
from babbitt.gateway.training_jobs.schemas import ENDED, Curves, Epoch, State, TrainingJob
from babbitt.gateway.waiting import hold


def training_job_routes(requests: JobRequests) -> APIRouter:
    """The routes of training jobs."""
    router = APIRouter(prefix="/v1/training-jobs", tags=["training jobs"], route_class=ScopedRoute)

    async def look(job_id: UUID) -> Any:
        async with transaction(requests.sessions) as session:
            return await find_job(session, job_id)

    @router.post("", response_model=None, status_code=202, responses=command_documented(TrainingJob))
    async def train(wanted: TrainRequested, prefer: Preferred, caller: Annotated[Caller, TRAIN]) -> Response:
        """Ask for a training job; `requested_by` is the caller's key, whatever is given.

        With `Prefer: wait=N` the answer is held until the job is queued (201), or refused (its problem).
        """
        job_id = await requests.train(wanted, caller)
        row = await hold(lambda: look(job_id), lambda found: found.state != "requested", prefer.wait_s)
        job = TrainingJob.model_validate(row, from_attributes=True)
        waited = prefer.wait_s > 0
        problem = job.problem if waited and job.state == "refused" else None
        done = waited and job.state != "requested"
        return command_answer(job, f"/v1/training-jobs/{job_id}", prefer, done=done, problem=problem)

    @router.get("", responses=documented(), dependencies=[READ])
    async def list_jobs(
        paging: AskedPage,
        model: Annotated[ModelName | None, Query()] = None,
        state: Annotated[State | None, Query()] = None,
    ) -> Page[TrainingJob]:
        """Jobs, the newest first."""
        query = select(TRAINING_JOBS)
        for column, value in ((TRAINING_JOBS.c.model, model), (TRAINING_JOBS.c.state, state)):
            query = query if value is None else query.where(column == value)
        async with transaction(requests.sessions) as session:
            return await paging.page(session, query, newest_first(TRAINING_JOBS), TrainingJob)

    @router.get("/{job_id}", responses=documented(404), dependencies=[READ])
    async def show_job(job_id: str, prefer: Preferred) -> TrainingJob:
        """One job. With `Prefer: wait=N` the answer is held until it has ended."""
        identity = _identity(job_id)
        row = await hold(lambda: look(identity), lambda found: found is None or found.state in ENDED, prefer.wait_s)
        if row is None:
            raise _unknown(job_id)
        return TrainingJob.model_validate(row, from_attributes=True)

    @router.get("/{job_id}/curves", responses=documented(404), dependencies=[READ])
    async def show_curves(job_id: str) -> Curves:
        """A job's losses and accuracy, epoch by epoch."""
        identity = _identity(job_id)
        async with transaction(requests.sessions) as session:
            if await find_job(session, identity) is None:
                raise _unknown(job_id)
            rows = await curves(session, identity)
        return Curves(job_id=identity, items=[Epoch.model_validate(row, from_attributes=True) for row in rows])

    @router.delete(
        "/{job_id}", response_model=None, status_code=202, responses=command_documented(TrainingJob, done=200)
    )
    async def cancel_job(job_id: str, prefer: Preferred, caller: Annotated[Caller, TRAIN]) -> Response:
        """Ask for a job's end. With `Prefer: wait=N` the answer is held until it has ended."""
        identity = _identity(job_id)
        await requests.cancel(identity, caller)
        row = await hold(lambda: look(identity), lambda found: found.state in ENDED, prefer.wait_s)
        job = TrainingJob.model_validate(row, from_attributes=True)
        return command_answer(job, f"/v1/training-jobs/{job_id}", prefer, done=job.state in ENDED, status=200)

    return router


def _identity(job_id: str) -> UUID:
    try:
        return UUID(job_id)
    except ValueError as error:
        raise _unknown(job_id) from error


def _unknown(job_id: str) -> NotFound:
    return NotFound(f"there is no training job {job_id!r}")
