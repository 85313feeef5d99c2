"""`/v1/datasets/{id}/report`: the quality report, for programs or as a page for people."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.chassis.objects import ObjectCorrupt, ObjectMissing, ObjectStore
from babbitt.contracts.datasets import ReportReference
from babbitt.contracts.quality import QualityReport
from babbitt.gateway.accepted_types import prefers
from babbitt.gateway.datasets.queries import ready_dataset
from babbitt.gateway.errors import Gone, NotFound
from babbitt.gateway.keys.scopes import READ, ScopedRoute
from babbitt.gateway.problems import documented

JSON, PAGE = "application/json", "text/html"

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "sandbox"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept",
}
"""The page is of `signals`' making, but the names in it are whoever's who uploaded: nothing in it is ever run."""

_TOLD: dict[int | str, dict[str, Any]] = {
    200: {
        "model": QualityReport,
        "description": "The report; with `Accept: text/html` a page without scripts.",
        "content": {PAGE: {"schema": {"type": "string"}}},
    }
}


def report_routes(sessions: async_sessionmaker[AsyncSession], objects: ObjectStore) -> APIRouter:
    """The route of reports."""
    router = APIRouter(prefix="/v1/datasets/{dataset_id}", tags=["datasets"], route_class=ScopedRoute)

    @router.get("/report", response_model=None, responses=_TOLD | documented(404, 409, 410), dependencies=[READ])
    async def show_report(dataset_id: str, accept: Annotated[str, Header()] = JSON) -> Response:
        """What people should know of a dataset before they train on it."""
        async with transaction(sessions) as session:
            row = await ready_dataset(session, dataset_id, "a report")
        if row.report is None:
            raise NotFound("the dataset was made before there were reports: delete it and ask for it anew")
        reference = ReportReference.model_validate(row.report)
        as_page = prefers(accept, PAGE, JSON)
        wanted = reference.page if as_page else reference.document
        try:
            content = await objects.read(wanted.key, wanted.sha256)
        except (ObjectMissing, ObjectCorrupt) as error:
            raise Gone(f"{error}: ask for the dataset anew") from error
        return Response(content, headers=HEADERS, media_type=PAGE if as_page else JSON)

    return router
