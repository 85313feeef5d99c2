"""Uploaded files: how large they are, and a copy on this machine's disk while shards are made of them."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import batched
from pathlib import Path

from babbitt.chassis.objects import ObjectCorrupt, ObjectMissing, ObjectStore
from babbitt.chassis.scratch import ScratchFolder
from babbitt.chassis.storage_faults import storage_fault
from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.mappings import RecordingFile
from babbitt.contracts.names import UPLOADS
from babbitt.signals.errors import MakingFailed

LOOKS_AT_ONCE = 32


class UploadedFiles:
    """Fetches uploads, verifies each once, and keeps the last used for the next shard.

    Args:
        objects: the store.
        scratch: where they lie.
        kept_bytes: what may lie there beside the file that is in use.
    """

    def __init__(self, objects: ObjectStore, scratch: ScratchFolder, kept_bytes: int) -> None:
        self._objects = objects
        self._scratch = scratch
        self._kept_bytes = kept_bytes
        self._sizes: dict[Path, int] = {}
        self._one_at_a_time = asyncio.Lock()

    async def sizes(self, files: Sequence[RecordingFile]) -> Mapping[str, int]:
        """Bytes of each file by its digest; files that are not there are left out.

        Raises:
            Unavailable: the object store is away.
        """
        found: dict[str, int] = {}
        for some in batched({file.sha256 for file in files}, LOOKS_AT_ONCE):
            sizes = await asyncio.gather(*(self._objects.size_of(f"{UPLOADS}/{sha256}") for sha256 in some))
            found |= {sha256: size for sha256, size in zip(some, sizes, strict=True) if size is not None}
        return found

    @asynccontextmanager
    async def fetched(self, file: RecordingFile) -> AsyncGenerator[Path]:
        """The file on this disk. One is in use at a time.

        Raises:
            MakingFailed: it was not uploaded, or is not what its digest says.
            Unavailable: object store or scratch folder are away.
        """
        async with self._one_at_a_time:
            yield await self._path_of(file)

    async def _path_of(self, file: RecordingFile) -> Path:
        key, again = f"{UPLOADS}/{file.sha256}", "send the file again (--send-again), then ask again"
        try:
            path = self._scratch.made() / "uploads" / file.sha256
            if path in self._sizes and path.exists():
                self._sizes[path] = self._sizes.pop(path)  # the last used stays longest
                return path
            size = await self._objects.size_of(key) or 0
            self._make_room(size)
            await self._objects.fetch(ObjectReference(key=key, sha256=file.sha256, size_bytes=size), path)
        except ObjectMissing as error:
            raise MakingFailed(f"{file.name}: its upload {key} is missing: {again}") from error
        except ObjectCorrupt as error:
            raise MakingFailed(f"{file.name}: {error}: {again}") from error
        except OSError as error:
            self.forget()
            raise storage_fault("scratch folder", str(self._scratch.parent), error) from error
        self._sizes[path] = size
        return path

    def forget(self) -> None:
        """Remove all that is kept and not in use: a disk that is full has room for a shard then."""
        self._make_room(self._kept_bytes)

    def _make_room(self, size: int) -> None:
        """Remove what was used longest ago until the new file and the rest are no more than may be kept."""
        while self._sizes and sum(self._sizes.values()) + size > self._kept_bytes:
            oldest = next(iter(self._sizes))
            del self._sizes[oldest]
            oldest.unlink(missing_ok=True)
