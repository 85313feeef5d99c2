"""The records of a dataset, out of the objects that its DatasetReady addresses.

Neither memory nor the event loop is theirs: a manifest of 200,000 records has 60 MB, a shard up to 64. Both are fetched
to a file, verified, and read by a thread: the manifest as a stream, as far as is needed. The last manifest stays in the
folder, for whoever turns the pages.
"""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import ijson
import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from babbitt.chassis.objects import ObjectCorrupt, ObjectMissing, ObjectStore
from babbitt.chassis.scratch import ScratchFolder
from babbitt.chassis.storage_faults import storage_fault
from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.manifests import RecordEntry
from babbitt.gateway.errors import Conflict, Gone
from babbitt.recordings.shards import ShardReader

AT_ONCE = 4
"""Requests that fetch objects at the same time; the others wait."""

KEPT = "manifest-"


class DatasetRecords:
    """Reads records.

    Args:
        objects: the store.
        scratch: where objects lie while they are read.
    """

    def __init__(self, objects: ObjectStore, scratch: ScratchFolder) -> None:
        self._objects = objects
        self._scratch = scratch
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def some(self, manifest: ObjectReference, first: int, count: int) -> Sequence[RecordEntry]:
        """Up to `count` records from position `first` on, in the manifest's order.

        Raises:
            Gone: the manifest is not there any more, or damaged.
            Conflict: it is one of another version of Babbitt.
            Unavailable: the store is away, or there is no room to read.
        """
        async with self._read(manifest) as file:
            return await asyncio.to_thread(_some, file, first, count)

    async def one(self, manifest: ObjectReference, record: str) -> tuple[RecordEntry, NDArray[np.float32]] | None:
        """A record and its samples, [channels, samples]; None: there is no such record. Raises as `some`."""
        async with self._read(manifest) as file:
            found = await asyncio.to_thread(_find, file, record)
        if found is None:
            return None
        entry, shard = found
        async with self._turn() as scratch:
            with tempfile.TemporaryDirectory(dir=scratch, prefix="records-") as folder:
                path = await self._objects.fetch(shard, Path(folder) / "object")
                return entry, await asyncio.to_thread(_samples, path, entry.row)

    async def shards(self, manifest: ObjectReference, first: int, count: int) -> Sequence[ObjectReference]:
        """Up to `count` shards from position `first` on, in the manifest's order. Raises as `some`."""
        async with self._read(manifest) as file:
            return await asyncio.to_thread(_shards, file, first, count)

    async def shard(self, manifest: ObjectReference, name: str) -> ObjectReference | None:
        """The shard whose key ends with a name; None: there is none. Raises as `some`."""
        async with self._read(manifest) as file:
            return await asyncio.to_thread(_shard, file, name)

    @asynccontextmanager
    async def _read(self, manifest: ObjectReference) -> AsyncGenerator[BinaryIO]:
        async with self._turn() as scratch:
            path = scratch / f"{KEPT}{manifest.sha256}"
            if (file := _opened(path)) is None:
                file = _kept(await self._objects.fetch(manifest, path))
            with file:
                try:
                    yield file
                except ValidationError as error:
                    detail = "made by another version of Babbitt, whose manifest this one does not read"
                    raise Conflict(f"the dataset was {detail}: delete it and ask for it anew") from error

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[Path]:
        try:
            async with self._turns:
                yield self._scratch.made()
        except (ObjectMissing, ObjectCorrupt) as error:
            raise Gone(f"{error}: ask for the dataset anew") from error
        except OSError as error:
            raise storage_fault("records folder", str(self._scratch.parent), error) from error


def _opened(path: Path) -> BinaryIO | None:
    try:
        return path.open("rb")
    except FileNotFoundError:
        return None


def _kept(path: Path) -> BinaryIO:
    """The manifest, open, and the only one that stays; who still reads another has it open."""
    for other in path.parent.glob(f"{KEPT}*"):
        if other != path:
            other.unlink()
    return path.open("rb")


def _some(file: BinaryIO, first: int, count: int) -> list[RecordEntry]:
    return [_entry(found) for found in islice(_records(file), first, first + count)]


def _find(file: BinaryIO, record: str) -> tuple[RecordEntry, ObjectReference] | None:
    found = next((entry for entry in _records(file) if entry["record"] == record), None)
    if found is None:
        return None
    entry = _entry(found)
    file.seek(0)
    return entry, _reference(next(iter(_listed(file)[entry.shard :]), None))


def _shards(file: BinaryIO, first: int, count: int) -> list[ObjectReference]:
    return [_reference(found) for found in _listed(file)[first : first + count]]


def _shard(file: BinaryIO, name: str) -> ObjectReference | None:
    found = next((one for one in _listed(file) if str(one["key"]).rpartition("/")[2] == name), None)
    return None if found is None else _reference(found)


def _records(file: BinaryIO) -> Iterator[Any]:
    return ijson.items(file, "records.item", use_float=True)


def _listed(file: BinaryIO) -> list[Any]:
    """The manifest's shards, which it names before its records: of those nothing is read."""
    return next((found for name, found in ijson.kvitems(file, "") if name == "shards"), [])


def _entry(found: Any) -> RecordEntry:
    return RecordEntry.model_validate(found, extra="ignore")


def _reference(found: Any) -> ObjectReference:
    return ObjectReference.model_validate(found, extra="ignore")


def _samples(path: Path, row: int) -> NDArray[np.float32]:
    with ShardReader(path) as shard:
        return shard.read(row)
