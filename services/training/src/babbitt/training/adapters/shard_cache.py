"""Shards that were fetched before, by digest: the next job on the same dataset need not fetch them again."""

import asyncio
from pathlib import Path

from babbitt.chassis.objects import ObjectStore, digest_of
from babbitt.contracts.datasets import ObjectReference


class ShardCache:
    """A folder of files named by their digest, the least recently used ones removed over a limit.

    Args:
        objects: the store they come from.
        folder: where they lie; made if missing.
        limit_bytes: of all of them.
    """

    def __init__(self, objects: ObjectStore, folder: Path, limit_bytes: int) -> None:
        self._objects, self._folder, self._limit_bytes = objects, folder, limit_bytes
        self._fetching = asyncio.Lock()

    async def place(self, reference: ObjectReference, target: Path) -> None:
        """Let the object lie at `target`, which does not exist yet; it stays there when it leaves the cache.

        Raises:
            ObjectMissing, ObjectCorrupt: as the store says.
            Unavailable: the store is away.
        """
        async with self._fetching:
            cached = self._folder / reference.sha256
            if not await asyncio.to_thread(_is_whole, cached, reference):
                await self._objects.fetch(reference, cached)
            await asyncio.to_thread(_link, cached, target)
            await asyncio.to_thread(self._evict)

    def _evict(self) -> None:
        files = sorted(((path.stat(), path) for path in self._folder.iterdir()), key=lambda entry: entry[0].st_mtime)
        total = sum(stat.st_size for stat, _ in files)
        for stat, path in files:
            if total <= self._limit_bytes:
                return
            path.unlink(missing_ok=True)
            total -= stat.st_size


def _is_whole(path: Path, reference: ObjectReference) -> bool:
    return path.is_file() and digest_of(path) == (reference.sha256, reference.size_bytes)


def _link(cached: Path, target: Path) -> None:
    cached.touch()
    target.hardlink_to(cached)
