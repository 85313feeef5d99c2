"""The registry's copies in the object store, by digest."""

from babbitt.chassis.objects import ObjectStore
from babbitt.registry.adapters.object_store import FOLDER


class StoredCopies:
    """The port `Copies`."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    async def delete(self, digest: str) -> None:
        """As the port says."""
        await self._objects.delete(f"registry/{FOLDER}/{digest}")
