"""Files out of the object store as answers, in pieces: nothing of them is held in memory."""

from typing import Any

from fastapi.responses import StreamingResponse

from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.datasets import ObjectReference
from babbitt.gateway.errors import Gone

JSON, BYTES = "application/json", "application/octet-stream"
HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
"""Files are whoever's who trained or simulated: nothing in them is ever run."""


async def streamed(
    objects: ObjectStore,
    stored: ObjectReference | dict[str, Any],
    media_type: str = BYTES,
    *,
    otherwise: str,
    name: str | None = None,
) -> StreamingResponse:
    """A file that is there in full; `ETag` is its SHA-256.

    Args:
        objects: the store.
        stored: where it lies.
        media_type: of it.
        otherwise: what to know where it is not there.
        name: that who saves it is offered.

    Raises:
        Gone: it is not there any more, or another.
    """
    reference = ObjectReference.model_validate(stored)
    if await objects.size_of(reference.key) != reference.size_bytes:
        raise Gone(f"{reference.key} is not there any more: {otherwise}")
    headers = {"ETag": f'"{reference.sha256}"', "Content-Length": str(reference.size_bytes)}
    if name:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return StreamingResponse(objects.stream(reference.key), headers=HEADERS | headers, media_type=media_type)
