"""Artifacts in the object store: copied from training's prefix to the registry's own, and verified on the way."""

import tempfile
from pathlib import Path

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.objects import ObjectCorrupt, ObjectMissing, ObjectStore
from babbitt.contracts.datasets import ObjectReference
from babbitt.registry.application.ports import Adopted

FOLDER = "artifacts"


class StoredArtifacts:
    """The port `Artifacts`."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    async def adopt(self, candidate: ObjectReference) -> Adopted:
        """As the port says. What is missing or corrupt stays where it was told to be, and is not verified."""
        try:
            with tempfile.TemporaryDirectory(prefix="babbitt-registry-") as folder:
                try:
                    local = await self._objects.fetch(candidate, Path(folder) / "artifact")
                except (ObjectMissing, ObjectCorrupt) as error:
                    return Adopted(candidate, verified=False, finding=str(error))
                # Written even when something lies there: that may have been damaged since.
                artifact = await self._objects.put(f"registry/{FOLDER}/{candidate.sha256}", local)
        except OSError as error:
            raise Unavailable("temporary folder", str(error)) from error
        return Adopted(artifact, verified=True, finding=f"{artifact.size_bytes} bytes are what their digest says")
