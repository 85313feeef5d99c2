"""Versions' files in the object store: copied from training's prefix to the registry's own, verified on the way."""

import tempfile
from collections.abc import Collection
from pathlib import Path

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.objects import ObjectCorrupt, ObjectMissing, ObjectStore
from babbitt.contracts.datasets import ObjectReference
from babbitt.registry.application.ports import Adopted
from babbitt.registry.domain.gates.case import Finding

FOLDER = "artifacts"


class StoredArtifacts:
    """The port `Artifacts`."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    async def adopt(self, files: Collection[ObjectReference]) -> Adopted:
        """As the port says."""
        copies, faults = dict[str, ObjectReference](), list[str]()
        try:
            with tempfile.TemporaryDirectory(prefix="babbitt-registry-") as folder:
                for file in files:
                    try:
                        copies[file.sha256] = await self._copied(file, Path(folder))
                    except (ObjectMissing, ObjectCorrupt) as error:
                        faults.append(str(error))
        except OSError as error:
            raise Unavailable("temporary folder", str(error)) from error
        size = sum(copy.size_bytes for copy in copies.values())
        sound = f"{len(copies)} files of {size} bytes are what their digests say"
        return Adopted(copies, Finding(not faults, "; ".join(faults) or sound))

    async def _copied(self, file: ObjectReference, folder: Path) -> ObjectReference:
        local = await self._objects.fetch(file, folder / file.sha256)
        try:
            # Written even when something lies there: that may have been damaged since.
            return await self._objects.put(f"registry/{FOLDER}/{file.sha256}", local)
        finally:
            local.unlink()
