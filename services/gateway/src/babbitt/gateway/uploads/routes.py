"""`/v1/uploads`: recordings, before a dataset is made of them, and models, before they are imported."""

import re

from fastapi import APIRouter, Request, Response

from babbitt.gateway.errors import NotFound
from babbitt.gateway.keys.scopes import DATASETS, READ
from babbitt.gateway.problems import documented
from babbitt.gateway.uploads.schemas import Upload
from babbitt.gateway.uploads.spool import ACCEPTED, Spool

_SHA256 = re.compile("[0-9a-f]{64}")
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def upload_routes(spool: Spool) -> APIRouter:
    """The routes of uploads."""
    router = APIRouter(prefix="/v1/uploads", tags=["uploads"])

    @router.post(
        "",
        status_code=201,
        responses=documented(415),
        dependencies=[DATASETS],
        openapi_extra=_BODY,
        description=f"Store a recording or a model: the file itself as the body. By content is accepted: {ACCEPTED}.",
    )
    async def upload(request: Request, response: Response) -> Upload:
        stored = await spool.take(request.stream())
        response.headers["Location"] = f"/v1/uploads/{stored.sha256}"
        return stored

    @router.get("/{sha256}", responses=documented(404), dependencies=[READ])
    async def show_upload(sha256: str) -> Upload:
        """Whether a file with this digest lies here, so that it need not be sent again."""
        size = await spool.size_of(sha256) if _SHA256.fullmatch(sha256) else None
        if size is None:
            raise NotFound(f"there is no upload {sha256!r}")
        return Upload(sha256=sha256, size_bytes=size)

    return router
