"""`/v1/datasets/{id}/files`: a dataset as the folder that training reads, file by file."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.datasets import ObjectReference
from babbitt.gateway.datasets.queries import ready_dataset
from babbitt.gateway.datasets.records import DatasetRecords
from babbitt.gateway.errors import NotFound
from babbitt.gateway.keys.scopes import READ, ScopedRoute
from babbitt.gateway.pagination import AskedPage, Page
from babbitt.gateway.problems import documented
from babbitt.gateway.stored_files import BYTES, streamed

MANIFEST = "manifest.json"
_TOLD: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}},
        "description": "The file, in pieces; `ETag` is its SHA-256.",
    }
}

type FileName = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$")]


class DatasetFile(BaseModel):
    """A file of a dataset's folder: `manifest.json`, or a shard. A folder is whole once all are what they must be."""

    name: str
    sha256: str
    size_bytes: int

    @classmethod
    def of(cls, reference: ObjectReference) -> "DatasetFile":
        """As it is called in the folder: the manifest goes by the last part of the keys that it names."""
        name = reference.key.rpartition("/")[2]
        return cls(name=name, sha256=reference.sha256, size_bytes=reference.size_bytes)


def dataset_file_routes(
    sessions: async_sessionmaker[AsyncSession], records: DatasetRecords, objects: ObjectStore
) -> APIRouter:
    """The routes of datasets' files."""
    router = APIRouter(prefix="/v1/datasets/{dataset_id}/files", tags=["datasets"], route_class=ScopedRoute)

    async def manifest_of(dataset_id: str) -> ObjectReference:
        async with transaction(sessions) as session:
            row = await ready_dataset(session, dataset_id, "files")
        return ObjectReference.model_validate(row.manifest)

    @router.get("", responses=documented(404, 409, 410), dependencies=[READ])
    async def list_files(dataset_id: str, paging: AskedPage) -> Page[DatasetFile]:
        """The files of a ready dataset: its manifest, then its shards."""
        manifest = await manifest_of(dataset_id)
        first, count = paging.place()
        found = [] if first else [manifest]
        found += await records.shards(manifest, max(first - 1, 0), count + 1 - len(found))  # one more tells of another
        items = [DatasetFile.of(reference) for reference in found[:count]]
        return paging.page_at(items, first + count if len(found) > count else None)

    @router.get("/{name}", response_model=None, responses=_TOLD | documented(404, 409, 410), dependencies=[READ])
    async def download_file(dataset_id: str, name: FileName) -> StreamingResponse:
        """One of them."""
        manifest = await manifest_of(dataset_id)
        found = manifest if name == MANIFEST else await records.shard(manifest, name)
        if found is None:
            raise NotFound(f"the dataset has no file {name!r}")
        return await streamed(objects, found, otherwise="ask for the dataset anew")

    return router
