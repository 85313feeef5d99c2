"""The object store by `obstore`: a local folder, S3, GCS or Azure by URL. Objects are addressed by SHA-256."""

import asyncio
import errno
import hashlib
from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url
from obstore.store import ObjectStore as Store

from babbitt.chassis.errors import StorageRefused
from babbitt.chassis.storage_faults import no_bucket, storage_fault
from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.names import new_id

if TYPE_CHECKING:
    from obstore.store import RetryConfig

CHUNK_BYTES = 1_048_576
_RETRIES: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=15)}
"""obstore's own would wait for three minutes, in which nobody is told that the store is away."""


class ObjectMissing(Exception):
    """There is no object under the key."""


class ObjectCorrupt(Exception):
    """An object is not what its digest says."""


@contextmanager
def _store_errors(key: str, *, writing: bool = False) -> Generator[None]:
    try:
        yield
    except (FileNotFoundError, ValueError) as error:  # the latter: the key is no path, such as one with `..`
        if isinstance(error, FileNotFoundError) and (writing or no_bucket(error)):
            raise StorageRefused("object store", "there is no such bucket, or no such user") from error
        raise ObjectMissing(f"no object {key}") from error
    except (BaseError, OSError) as error:
        raise storage_fault("object store", key, error) from error


class ObjectStore:
    """One installation's store. A service writes and deletes under its own prefix alone.

    Args:
        url: `file:///…`, `s3://…`, `gs://…` or `az://…`.
        owner: the service, which is its prefix.
    """

    def __init__(self, url: str, owner: str) -> None:
        if url.startswith("file:"):
            self._store: Store = LocalStore.from_url(url, mkdir=True)
            self._root: Path | None = Path(url2pathname(urlsplit(url).path))
        else:
            self._store = from_url(url, retry_config=_RETRIES)
            self._root = None
        self._owner = owner

    async def put(self, key: str, content: bytes | Path) -> ObjectReference:
        """Write an object under the service's own prefix, whole or not at all.

        Raises:
            Unavailable: the store is away.
            StorageRefused: it is there, and takes nothing.
        """
        if not key.startswith(f"{self._owner}/"):
            raise ValueError(f"{key}: {self._owner} writes under {self._owner}/")
        sha256, size = await asyncio.to_thread(digest_of, content)
        await self._write(key, content)
        return ObjectReference(key=key, sha256=sha256, size_bytes=size)

    async def put_addressed(self, folder: str, content: bytes | Path, *, anew: bool = False) -> ObjectReference:
        """Write an object at `<owner>/<folder>/<its SHA-256>`.

        Args:
            folder: below the service's own prefix.
            content: of the object.
            anew: whether it is written where an object of its size is there, too: that may be damaged, and is old.
        """
        sha256, size = await asyncio.to_thread(digest_of, content)
        reference = ObjectReference(key=f"{self._owner}/{folder}/{sha256}", sha256=sha256, size_bytes=size)
        if anew or await self.size_of(reference.key) != size:
            await self._write(reference.key, content)
        return reference

    async def move_addressed(self, folder: str, file: Path) -> ObjectReference:
        """As `put_addressed`, of a file that nobody needs afterwards.

        Where the store is a folder on the same file system, the file is not copied but moved there.
        """
        sha256, size = await asyncio.to_thread(digest_of, file)
        reference = ObjectReference(key=f"{self._owner}/{folder}/{sha256}", sha256=sha256, size_bytes=size)
        if await self.size_of(reference.key) != size and not await self._moved(reference.key, file):
            await self._write(reference.key, file)
        return reference

    async def _moved(self, key: str, file: Path) -> bool:
        if self._root is None:
            return False
        with _store_errors(key, writing=True):
            return await asyncio.to_thread(_move, file, self._root / key)

    async def _write(self, key: str, content: bytes | Path) -> None:
        with _store_errors(key, writing=True):
            await obstore.put_async(self._store, key, content)

    async def size_of(self, key: str) -> int | None:
        """Bytes of an object; None: it is not there."""
        try:
            with _store_errors(key):
                return (await obstore.head_async(self._store, key))["size"]
        except ObjectMissing:
            return None

    async def read(self, key: str, sha256: str | None = None) -> bytes:
        """An object's bytes.

        Raises:
            ObjectMissing: there is none.
            ObjectCorrupt: it is not what `sha256` says.
            Unavailable: the store is away.
        """
        with _store_errors(key):
            content = bytes(await (await obstore.get_async(self._store, key)).bytes_async())
        if sha256 is not None:
            await _verify(key, content, sha256)
        return content

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        """An object's bytes in pieces; raises as `read`."""
        with _store_errors(key):
            async for piece in (await obstore.get_async(self._store, key)).stream(min_chunk_size=CHUNK_BYTES):
                yield bytes(piece)

    async def fetch(self, reference: ObjectReference, target: Path) -> Path:
        """Copy an object to a local file and verify it; the file appears whole or not at all.

        Raises:
            ObjectMissing, ObjectCorrupt, Unavailable: as `read`.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.{new_id()}.partial")
        try:
            with partial.open("wb") as file:
                async for piece in self.stream(reference.key):
                    await asyncio.to_thread(file.write, piece)
            await _verify(reference.key, partial, reference.sha256)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        return target

    async def older(self, prefix: str, than: datetime) -> Sequence[str]:
        """Keys of what was last written before a moment.

        The prefix is whole parts of a path: `training/x` is not that of `training/xy`.

        Raises:
            Unavailable: the store is away.
        """
        with _store_errors(prefix):
            listed = [one async for some in obstore.list(self._store, prefix) for one in some]
        return [one["path"] for one in listed if one["last_modified"] < than]

    async def delete_older(self, prefix: str, than: datetime) -> int:
        """Remove that, of the service's own; how many objects that were. Raises as `older`."""
        old = await self.older(prefix, than)
        for key in old:
            await self.delete(key)
        return len(old)

    async def delete_all(self, prefix: str) -> int:
        """Remove all that lies under a prefix, as `delete_older` does."""
        return await self.delete_older(prefix, datetime.max.replace(tzinfo=UTC))

    async def delete(self, key: str) -> None:
        """Remove an object of the service's own; one that is not there is fine."""
        if not key.startswith(f"{self._owner}/"):
            raise ValueError(f"{key}: {self._owner} deletes under {self._owner}/")
        try:
            with _store_errors(key):
                await obstore.delete_async(self._store, key)
        except ObjectMissing:
            return


def _move(file: Path, target: Path) -> bool:
    """Whether `file` is `target` now; False: they are on different file systems."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        file.replace(target)
    except OSError as error:
        if error.errno == errno.EXDEV:
            return False
        raise
    return True


async def _verify(key: str, content: bytes | Path, sha256: str) -> None:
    if (await asyncio.to_thread(digest_of, content))[0] != sha256:
        raise ObjectCorrupt(f"{key} is not what its digest {sha256} says")


def digest_of(content: bytes | Path) -> tuple[str, int]:
    """SHA-256 and size in bytes."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest(), len(content)
    if (size := content.stat().st_size) == 0:  # which cannot be mapped
        return hashlib.sha256().hexdigest(), 0
    with content.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as mapped:
        return hashlib.sha256(mapped).hexdigest(), size
