"""An upload on its way: written to a temporary file, then to the store under its digest."""

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.objects import ObjectStore
from babbitt.chassis.scratch import ScratchFolder
from babbitt.contracts.names import UPLOADS
from babbitt.gateway.errors import InvalidInput, UnsupportedMedia
from babbitt.gateway.uploads.schemas import Upload
from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.formats import HEAD_BYTES, IMPORTED, format_of
from babbitt.recordings.readers.reader import Format

WRITE_BYTES = 1024 * 1024
FOLDER = UPLOADS.partition("/")[2]
ACCEPTED = f"{IMPORTED}; models as ONNX"

_ONNX = re.compile(rb"\x08[\x01-\x7f][\x12\x1a\x22\x28\x32\x3a\x42\x72\xa2\xca]")
"""A ModelProto: its IR version, then another of its fields (onnx.proto). Protocol Buffers have no mark of their own."""


@dataclass(frozen=True, slots=True)
class Spool:
    """Takes uploads.

    Attributes:
        scratch: where they lie meanwhile.
    """

    objects: ObjectStore
    scratch: ScratchFolder

    async def take(self, pieces: AsyncIterator[bytes]) -> Upload:
        """Store what comes, over what is there: whoever sends it again may have been told that that is damaged.

        Raises:
            UnsupportedMedia: it is nothing that is imported; said as soon as its first bytes are there.
            InvalidInput: it is empty.
            Unavailable: the store, or the disk that uploads lie on meanwhile, is away or full.
        """
        try:
            with tempfile.NamedTemporaryFile(dir=self.scratch.made(), prefix="upload-") as file:
                format_ = await self._write(file, pieces)
                reference = await self.objects.put_addressed(FOLDER, Path(file.name), anew=True)
        except OSError as error:
            raise Unavailable("upload spool", str(error)) from error
        return Upload(sha256=reference.sha256, size_bytes=reference.size_bytes, format=format_)

    async def size_of(self, sha256: str) -> int | None:
        """Bytes of an upload that lies in the store; None: there is none."""
        return await self.objects.size_of(f"{UPLOADS}/{sha256}")

    async def _write(self, file: IO[bytes], pieces: AsyncIterator[bytes]) -> Format | Literal["onnx"]:
        pending, format_ = bytearray(), None
        async for piece in pieces:
            pending += piece
            if format_ is None and len(pending) >= HEAD_BYTES:
                format_ = _checked(pending)
            if format_ is not None and len(pending) >= WRITE_BYTES:
                await asyncio.to_thread(file.write, bytes(pending))
                pending.clear()
        if format_ is None:
            if not pending:
                raise InvalidInput.at("", "is empty", ACCEPTED)
            format_ = _checked(pending)
        await asyncio.to_thread(file.write, bytes(pending))
        await asyncio.to_thread(file.flush)
        return format_


def _checked(head: bytearray) -> Format | Literal["onnx"]:
    if _ONNX.match(head):
        return "onnx"
    try:
        return format_of(bytes(head[:HEAD_BYTES]), "the body")
    except RecordingUnreadable as error:
        raise UnsupportedMedia(f"{error}; accepted: {ACCEPTED}") from error
