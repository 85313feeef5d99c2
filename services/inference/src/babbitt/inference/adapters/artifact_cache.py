"""ONNX files from the object store, kept in a local folder by digest."""

import asyncio
import hashlib
import os
from pathlib import Path

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.objects import ObjectCorrupt, ObjectMissing, ObjectStore
from babbitt.contracts.datasets import ObjectReference
from babbitt.inference.errors import ModelUnusable


class ArtifactCache:
    """Reads artifacts. What is returned is what was verified: the bytes, not a path that may change.

    Args:
        objects: the installation's store.
        folder: where files are kept; it may be shared by replicas of one host.
        kept: how many stay; those not read for longest go.
    """

    def __init__(self, objects: ObjectStore, folder: Path, kept: int) -> None:
        self._objects = objects
        self._folder = folder
        self._kept = kept

    async def read(self, reference: ObjectReference) -> bytes:
        """An artifact's content, verified.

        Raises:
            ModelUnusable: there is none, or it is not what its digest says.
            Unavailable: the store is away, or the folder is full.
        """
        path = self._folder / reference.sha256
        content = await asyncio.to_thread(self._kept_content, path)
        if content is None:
            try:
                await self._objects.fetch(reference, path)
                content = await asyncio.to_thread(self._kept_content, path)
                await asyncio.to_thread(self._prune)
            except (ObjectMissing, ObjectCorrupt) as error:
                raise ModelUnusable(str(error)) from error
            except OSError as error:
                raise Unavailable("cache folder", str(error)) from error
        if content is None:
            raise Unavailable("cache folder", f"{path} does not keep what is written")
        return content

    @staticmethod
    def _kept_content(path: Path) -> bytes | None:
        """A kept file's content; None: it is not there, or not what its name says."""
        try:
            content = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == path.name else None

    def _prune(self) -> None:
        files = [path for path in self._folder.iterdir() if not path.name.startswith(".")]
        for path in sorted(files, key=lambda path: path.stat().st_mtime)[: -self._kept]:
            path.unlink(missing_ok=True)
