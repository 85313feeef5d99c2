"""`/v1/training-jobs/{id}/report`: what a job found, in full."""

from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.chassis.objects import ObjectCorrupt, ObjectMissing, ObjectStore
from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.model_reports import ModelReport
from babbitt.gateway.errors import Gone, NotFound
from babbitt.gateway.keys.scopes import READ, ScopedRoute
from babbitt.gateway.problems import documented
from babbitt.gateway.training_jobs.answers import identity_of, unknown
from babbitt.gateway.training_jobs.queries import find_job

_TOLD: dict[int | str, dict[str, Any]] = {
    200: {
        "model": ModelReport | dict[str, Any],
        "description": "The report of a training, evaluation or import; of a tuning its trials. `ETag` is its SHA-256.",
    }
}


def job_report_routes(sessions: async_sessionmaker[AsyncSession], objects: ObjectStore) -> APIRouter:
    """The route of jobs' reports."""
    router = APIRouter(prefix="/v1/training-jobs/{job_id}", tags=["training jobs"], route_class=ScopedRoute)

    @router.get("/report", response_model=None, responses=_TOLD | documented(404, 410), dependencies=[READ])
    async def show_job_report(job_id: str) -> Response:
        """What a job found: of an evaluation, how the version did on the dataset."""
        identity = identity_of(job_id)
        async with transaction(sessions) as session:
            row = await find_job(session, identity)
        if row is None:
            raise unknown(job_id)
        if row.report is None:
            raise NotFound(f"the job has no report: it is {row.state}")
        reference = ObjectReference.model_validate(row.report)
        try:
            content = await objects.read(reference.key, reference.sha256)
        except (ObjectMissing, ObjectCorrupt) as error:
            raise Gone(f"{error}: it was collected; a version's report stays with the version") from error
        headers = {"ETag": f'"{reference.sha256}"', "X-Content-Type-Options": "nosniff"}
        return Response(content, headers=headers, media_type="application/json")

    return router
