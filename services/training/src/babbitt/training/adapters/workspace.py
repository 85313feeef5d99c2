"""An attempt's folder: request, dataset and checkpoint in, checkpoints and artifacts out."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from uuid import UUID

from pydantic import ValidationError

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.logs import logger
from babbitt.chassis.objects import ObjectCorrupt, ObjectMissing, ObjectStore
from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.manifests import DatasetManifest
from babbitt.contracts.training_requests import ImportRequested
from babbitt.training.adapters.scratch import attempt_folder
from babbitt.training.adapters.shard_cache import ShardCache
from babbitt.training.application.patience import patiently
from babbitt.training.domain.known_reference import NeededVersion
from babbitt.training.domain.lease import Lease
from babbitt.training.errors import DatasetGone, VersionGone
from babbitt.training.fitting.laid_out import LIST, LaidOut
from babbitt.training.fitting.layout import (
    BASES,
    BASES_LIST,
    CHECKPOINTS,
    DATA,
    MANIFEST,
    OUT,
    REQUEST,
    checkpoint_name,
)
from babbitt.training.fitting.progress import CheckpointWritten

_LOG = logger(__name__)


class ObjectWorkspace:
    """A workspace that is filled from the object store.

    Args:
        folder: empty, and this attempt's own.
        lease: what is to be laid out.
        objects: where data come from, and checkpoints and artifacts go.
        cache: of shards.
    """

    def __init__(self, folder: Path, lease: Lease, objects: ObjectStore, cache: ShardCache) -> None:
        self.folder = folder
        self._lease, self._objects, self._cache = lease, objects, cache

    async def prepare(self) -> None:
        """Lay out request, dataset and checkpoint; begun again, it starts from an empty folder.

        Raises:
            DatasetGone: the dataset is not there any more, is not what it was, or another version's.
            VersionGone: so is a version that it needs.
            Unavailable: the store is away, or the scratch folder is full.
        """
        try:
            await asyncio.to_thread(self._empty)
            (self.folder / REQUEST).write_text(self._lease.request.model_dump_json())
            await self._place_dataset()
            await self._place_versions()
            await self._place_checkpoint()
        except (ObjectMissing, ObjectCorrupt) as error:
            raise DatasetGone(f"dataset {self._lease.request.dataset}: {error}") from error
        except ValidationError as error:
            unread = "another version of signals made it, its manifest is not read: delete it, ask for it anew"
            raise DatasetGone(f"dataset {self._lease.request.dataset}: {unread}") from error
        except OSError as error:
            raise Unavailable("scratch folder", str(error)) from error

    async def keep_checkpoint(self, written: CheckpointWritten) -> ObjectReference:
        """Store a checkpoint."""
        path = self.folder / OUT / written.checkpoint.file
        return await self._objects.put_addressed(f"checkpoints/{self._lease.job_id}", path)

    async def discard_checkpoint(self, reference: ObjectReference) -> None:
        """Remove a checkpoint that is needed no more."""
        await self._objects.delete(reference.key)

    async def keep_artifact(self, name: str) -> ObjectReference:
        """Store a file of the output folder under its digest."""
        return await self._objects.put_addressed("artifacts", self.folder / OUT / name)

    def _empty(self) -> None:
        for name in (DATA, BASES, OUT):
            shutil.rmtree(self.folder / name, ignore_errors=True)
            (self.folder / name).mkdir(parents=True)

    async def _place_dataset(self) -> None:
        data = self.folder / DATA
        path = await self._objects.fetch(self._lease.manifest, data / MANIFEST)
        manifest = DatasetManifest.read(await asyncio.to_thread(path.read_bytes))
        for shard in manifest.shards:
            await self._cache.place(shard, data / shard.key.rsplit("/", 1)[-1])

    async def _place_versions(self) -> None:
        listed: list[LaidOut] = []
        for number, needed in enumerate(self._lease.versions):
            try:
                listed.append(await self._place_version(number, needed))
            except (ObjectMissing, ObjectCorrupt) as error:
                if needed.role != "champion":
                    raise VersionGone(str(error)) from error
                _LOG.warning("there is no champion to compare with", job=str(self._lease.job_id), reason=str(error))
        if isinstance(self._lease.request, ImportRequested):
            try:
                listed.append(await self._place_import(self._lease.request))
            except (ObjectMissing, ObjectCorrupt) as error:
                raise VersionGone(str(error)) from error
        (self.folder / BASES / BASES_LIST).write_bytes(LIST.dump_json(tuple(listed)))

    async def _place_version(self, number: int, needed: NeededVersion) -> LaidOut:
        assigned, folder = needed.assigned, self.folder / BASES
        names: dict[str, str | None] = {}
        for kind, reference in (
            ("file", assigned.artifact),
            ("weights", assigned.weights if needed.role == "base" else None),
            ("train_records", assigned.train_records),
        ):
            names[kind] = f"{number}-{kind}" if reference else None
            if reference:
                await self._objects.fetch(reference, folder / f"{number}-{kind}")
        return LaidOut(
            role=needed.role,
            version=assigned.version,
            file=f"{number}-file",
            sha256=assigned.artifact.sha256,
            data_spec=assigned.data_spec,
            model_spec=assigned.model_spec,
            weights=names["weights"],
            train_records=names["train_records"],
        )

    async def _place_import(self, request: ImportRequested) -> LaidOut:
        await self._objects.fetch(request.artifact, self.folder / BASES / "imported")
        return LaidOut(
            role="tested",
            version=0,
            file="imported",
            sha256=request.artifact.sha256,
            data_spec=request.data_spec,
            model_spec=request.model_spec,
        )

    async def _place_checkpoint(self) -> None:
        """The latest one that is what it was; an older one, or none, costs time alone."""
        for saved in reversed(self._lease.checkpoints):
            target = self.folder / OUT / CHECKPOINTS / checkpoint_name(saved.place)
            try:
                await self._objects.fetch(saved.reference, target)
            except (ObjectMissing, ObjectCorrupt) as error:
                _LOG.warning("a checkpoint is of no use", job=str(self._lease.job_id), reason=str(error))
            else:
                return


class ObjectWorkspaces:
    """Opens workspaces within a scratch folder; the shard cache lies there too."""

    def __init__(self, objects: ObjectStore, scratch: Path, cache_bytes: int) -> None:
        self._objects, self._scratch = objects, scratch
        self._cache = ShardCache(objects, scratch / "shards", cache_bytes)

    @asynccontextmanager
    async def opened(self, lease: Lease) -> AsyncGenerator[ObjectWorkspace]:
        """An empty one, removed when the context closes; a scratch folder that is full is waited for."""
        attempt, folder = await patiently(partial(self._make_folder, f"{lease.job_id}-{lease.attempt}"))
        try:
            yield ObjectWorkspace(folder, lease, self._objects, self._cache)
        finally:
            await asyncio.to_thread(attempt.__exit__, None, None, None)

    async def discard_checkpoints(self, job_id: UUID) -> None:
        """Remove all checkpoints of a job: with the noted one those that were stored and not noted any more."""
        await self._objects.delete_all(f"training/checkpoints/{job_id}")

    async def _make_folder(self, name: str) -> tuple[AbstractContextManager[Path], Path]:
        attempt = attempt_folder(self._scratch, name)
        try:
            return attempt, await asyncio.to_thread(attempt.__enter__)
        except OSError as error:
            raise Unavailable("scratch folder", str(error)) from error
