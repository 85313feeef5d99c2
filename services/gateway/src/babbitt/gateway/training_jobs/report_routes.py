"""`/v1/training-jobs/{id}/report`: what a job found, in full; `…/figures/{name}`: of a tuning, drawn."""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.chassis.objects import ObjectCorrupt, ObjectMissing, ObjectStore
from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.model_reports import ModelReport
from babbitt.contracts.names import FigureName
from babbitt.contracts.study_reports import StudyReport
from babbitt.gateway.errors import Gone, NotFound
from babbitt.gateway.keys.scopes import READ, ScopedRoute
from babbitt.gateway.problems import documented
from babbitt.gateway.reports import members_of
from babbitt.gateway.stored_files import HEADERS, JSON, streamed
from babbitt.gateway.training_jobs.answers import identity_of, unknown
from babbitt.gateway.training_jobs.queries import find_job

PNG = "image/png"
COLLECTED = "it was collected; a version's report stays with the version"
_TOLD: dict[int | str, dict[str, Any]] = {
    200: {
        "model": ModelReport | StudyReport | dict[str, Any],
        "description": "The report of a training, evaluation or import; of a tuning its trials. `ETag` is its SHA-256.",
    }
}
_DRAWN: dict[int | str, dict[str, Any]] = {
    200: {"content": {PNG: {"schema": {"type": "string", "format": "binary"}}}, "description": "The figure."}
}


def job_report_routes(sessions: async_sessionmaker[AsyncSession], objects: ObjectStore) -> APIRouter:
    """The routes of jobs' reports."""
    router = APIRouter(prefix="/v1/training-jobs/{job_id}", tags=["training jobs"], route_class=ScopedRoute)

    async def report_of(job_id: str) -> ObjectReference:
        identity = identity_of(job_id)
        async with transaction(sessions) as session:
            row = await find_job(session, identity)
        if row is None:
            raise unknown(job_id)
        if row.report is None:
            raise NotFound(f"the job has no report: it is {row.state}")
        return ObjectReference.model_validate(row.report)

    async def read(reference: ObjectReference) -> bytes:
        try:
            return await objects.read(reference.key, reference.sha256)
        except (ObjectMissing, ObjectCorrupt) as error:
            raise Gone(f"{error}: {COLLECTED}") from error

    @router.get("/report", response_model=None, responses=_TOLD | documented(404, 410), dependencies=[READ])
    async def show_job_report(job_id: str) -> StreamingResponse:
        """What a job found: of an evaluation, how the version did on the dataset; of a tuning, every trial."""
        return await streamed(objects, await report_of(job_id), JSON, otherwise=COLLECTED)

    @router.get("/figures/{name}", response_model=None, responses=_DRAWN | documented(404, 410), dependencies=[READ])
    async def show_job_figure(job_id: str, name: FigureName) -> Response:
        """A figure of a tuning: `history`, or `importance` where enough trials tell; a version has its own."""
        figures = await members_of(await read(await report_of(job_id)), "figures")
        if name not in figures:
            raise NotFound(f"the job has no figure {name!r}: it has {', '.join(sorted(figures)) or 'none'}")
        figure = ObjectReference.model_validate(figures[name], extra="ignore")
        return Response(await read(figure), headers=HEADERS | {"ETag": f'"{figure.sha256}"'}, media_type=PNG)

    return router
