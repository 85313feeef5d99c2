"""`/v1/datasets/{id}/records`: what a dataset holds, record by record."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.dataspec import DataSpec
from babbitt.gateway.accepted_types import prefers
from babbitt.gateway.datasets.queries import ready_dataset
from babbitt.gateway.datasets.record_schemas import Record, RecordSamples, as_json
from babbitt.gateway.datasets.records import DatasetRecords
from babbitt.gateway.errors import NotFound
from babbitt.gateway.keys.scopes import READ, ScopedRoute
from babbitt.gateway.pagination import AskedPage, Page
from babbitt.gateway.problems import documented

BYTES, JSON = "application/octet-stream", "application/json"
VARY = {"Vary": "Accept"}
_TOLD: dict[int | str, dict[str, Any]] = {
    200: {
        "model": RecordSamples,
        "description": (
            "The samples: float32, little-endian, channel after channel; all else of the record in headers "
            "`Babbitt-…`, quoted as in an address. With `Accept: application/json` a document."
        ),
        "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}},
    }
}


def record_routes(sessions: async_sessionmaker[AsyncSession], records: DatasetRecords) -> APIRouter:
    """The routes of records."""
    router = APIRouter(prefix="/v1/datasets/{dataset_id}/records", tags=["datasets"], route_class=ScopedRoute)

    async def ready(dataset_id: str) -> tuple[ObjectReference, DataSpec]:
        async with transaction(sessions) as session:
            row = await ready_dataset(session, dataset_id, "records")
        return ObjectReference.model_validate(row.manifest), DataSpec.model_validate(row.data_spec)

    @router.get("", responses=documented(404, 409, 410), dependencies=[READ])
    async def list_records(dataset_id: str, paging: AskedPage) -> Page[Record]:
        """The records of a ready dataset, in the manifest's order."""
        manifest, spec = await ready(dataset_id)
        first, count = paging.place()
        found = await records.some(manifest, first, count + 1)  # one more tells of another page
        items = [Record.of(entry, spec) for entry in found[:count]]
        return paging.page_at(items, first + count if len(found) > count else None)

    @router.get("/{record:path}", response_model=None, responses=_TOLD | documented(404, 409, 410), dependencies=[READ])
    async def show_record(dataset_id: str, record: str, accept: Annotated[str, Header()] = BYTES) -> Response:
        """One record with its samples."""
        manifest, spec = await ready(dataset_id)
        found = await records.one(manifest, record)
        if found is None:
            raise NotFound(f"the dataset has no record {record!r}")
        entry, samples = found
        told = Record.of(entry, spec)
        if prefers(accept, JSON, BYTES):
            return StreamingResponse(as_json(told, samples), headers=VARY, media_type=JSON)
        return Response(samples.astype("<f4").tobytes(), headers=told.headers() | VARY, media_type=BYTES)

    return router
