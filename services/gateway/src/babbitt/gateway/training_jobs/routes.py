"""`/v1/training-jobs`: train, look, cancel."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlalchemy import select

from babbitt.chassis.database import transaction
from babbitt.contracts.names import ModelName
from babbitt.contracts.training import JobKind
from babbitt.contracts.training_requests import TrainRequested
from babbitt.gateway.commands import command_answer, command_documented
from babbitt.gateway.keys.keyring import Caller
from babbitt.gateway.keys.scopes import READ, TRAIN, ScopedRoute
from babbitt.gateway.pagination import AskedPage, Page, newest_first
from babbitt.gateway.preferences import Preferred
from babbitt.gateway.problems import documented
from babbitt.gateway.tables import TRAINING_JOBS
from babbitt.gateway.texts import WITHOUT_NUL
from babbitt.gateway.training_jobs.answers import identity_of, queued, unknown
from babbitt.gateway.training_jobs.queries import curve_points, curves, find_job
from babbitt.gateway.training_jobs.requests import JobRequests
from babbitt.gateway.training_jobs.schemas import ENDED, Curves, Epoch, State, TrainingJob
from babbitt.gateway.training_jobs.thinning import thinned
from babbitt.gateway.waiting import hold


def training_job_routes(requests: JobRequests) -> APIRouter:
    """The routes of training jobs."""
    router = APIRouter(prefix="/v1/training-jobs", tags=["training jobs"], route_class=ScopedRoute)

    async def look(job_id: UUID) -> Any:
        async with transaction(requests.sessions) as session:
            return await find_job(session, job_id)

    @router.post("", response_model=None, status_code=202, responses=command_documented(TrainingJob))
    async def train(
        wanted: Annotated[TrainRequested, WITHOUT_NUL], prefer: Preferred, caller: Annotated[Caller, TRAIN]
    ) -> Response:
        """Ask for a training job; `requested_by` is the caller's key, whatever is given.

        With `Prefer: wait=N` the answer is held until the job is queued (201), or refused (its problem).
        """
        return await queued(requests.sessions, await requests.train(wanted, caller), prefer)

    @router.get("", responses=documented(), dependencies=[READ])
    async def list_jobs(
        paging: AskedPage,
        model: Annotated[ModelName | None, Query()] = None,
        state: Annotated[State | None, Query()] = None,
        kind: Annotated[JobKind | None, Query()] = None,
        study: Annotated[UUID | None, Query(description="Trials of this tuning job")] = None,
    ) -> Page[TrainingJob]:
        """Jobs of all kinds, the newest first."""
        query, columns = select(TRAINING_JOBS), TRAINING_JOBS.c
        wanted = ((columns.model, model), (columns.state, state), (columns.kind, kind), (columns.study, study))
        for column, value in wanted:
            query = query if value is None else query.where(column == value)
        async with transaction(requests.sessions) as session:
            return await paging.page(session, query, newest_first(TRAINING_JOBS), TrainingJob)

    @router.get("/{job_id}", responses=documented(404), dependencies=[READ])
    async def show_job(job_id: str, prefer: Preferred) -> TrainingJob:
        """One job. With `Prefer: wait=N` the answer is held until it has ended."""
        identity = identity_of(job_id)
        row = await hold(lambda: look(identity), lambda found: found is None or found.state in ENDED, prefer.wait_s)
        if row is None:
            raise unknown(job_id)
        return TrainingJob.model_validate(row, from_attributes=True)

    @router.get("/{job_id}/curves", responses=documented(404), dependencies=[READ])
    async def show_curves(
        job_id: str,
        points: Annotated[
            int, Query(ge=3, le=10_000, description="Epochs of each run at most; 10,000 of a job")
        ] = 1000,
    ) -> Curves:
        """A job's losses, accuracy, rate and metrics, epoch by epoch, of each of its runs.

        Of a run with more epochs those are given that show its shape best: first and last, peaks and dips.
        """
        identity = identity_of(job_id)
        async with transaction(requests.sessions) as session:
            if await find_job(session, identity) is None:
                raise unknown(job_id)
            drawn = await curve_points(session, identity)
            kept = await asyncio.to_thread(thinned, drawn, points)
            rows = await curves(session, identity, [(row.run, row.epoch) for row in kept])
        items = [Epoch.model_validate(row, from_attributes=True) for row in rows]
        return Curves(job_id=identity, items=items, epochs=len(drawn))

    @router.delete(
        "/{job_id}", response_model=None, status_code=202, responses=command_documented(TrainingJob, done=200)
    )
    async def cancel_job(job_id: str, prefer: Preferred, caller: Annotated[Caller, TRAIN]) -> Response:
        """Ask for a job's end. With `Prefer: wait=N` the answer is held until it has ended."""
        identity = identity_of(job_id)
        await requests.cancel(identity, caller)
        row = await hold(lambda: look(identity), lambda found: found.state in ENDED, prefer.wait_s)
        job = TrainingJob.model_validate(row, from_attributes=True)
        return command_answer(job, f"/v1/training-jobs/{job_id}", prefer, done=job.state in ENDED, status=200)

    return router
