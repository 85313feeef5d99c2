"""What versions answered in tests, read from the object store: others wrote it, so it has a limit."""

import asyncio
from collections.abc import Callable

from pydantic import ValidationError

from babbitt.chassis.objects import ObjectCorrupt, ObjectMissing, ObjectStore
from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.learnt import LearntRecords
from babbitt.contracts.paired import PairedPredictions
from babbitt.registry.application.ports import FileUnreadable

LIMIT_BYTES = 64 * 1024**2
"""Some hundred thousand records: more take seconds and gigabytes to read."""


class StoredTestFiles:
    """The port `TestFiles`. What is read is parsed in a thread."""

    def __init__(self, objects: ObjectStore, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._objects, self._limit_bytes = objects, limit_bytes

    async def predictions(self, file: ObjectReference) -> PairedPredictions:
        """As the port says."""
        return await self._read(file, PairedPredictions.read)

    async def learnt(self, file: ObjectReference) -> LearntRecords:
        """As the port says."""
        return await self._read(file, LearntRecords.read)

    async def _read[T](self, file: ObjectReference, parse: Callable[[bytes], T]) -> T:
        size = await self._objects.size_of(file.key)
        if size is not None and size > self._limit_bytes:
            raise FileUnreadable(f"{file.key} has {size} bytes: {self._limit_bytes} are read")
        try:
            return await asyncio.to_thread(parse, await self._objects.read(file.key, file.sha256))
        except (ObjectMissing, ObjectCorrupt) as error:
            raise FileUnreadable(str(error)) from error
        except ValidationError as error:
            raise FileUnreadable(f"{file.key} is not what was promised: {error.errors()[0]['msg']}") from error
