"""Shards and manifests in the object store."""

import tempfile
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from babbitt.chassis.objects import ObjectCorrupt, ObjectMissing, ObjectStore
from babbitt.chassis.scratch import ScratchFolder
from babbitt.chassis.storage_faults import storage_fault
from babbitt.contracts.datasets import DatasetConfiguration, ObjectReference, ReportReference
from babbitt.contracts.manifests import DatasetManifest
from babbitt.contracts.quality import QualityReport
from babbitt.recordings.errors import RecordingError
from babbitt.recordings.shards import ShardReader
from babbitt.signals.adapters.bounded_tries import ends_the_making
from babbitt.signals.adapters.importing import Importing, RecordingReading
from babbitt.signals.adapters.report_page.page import page_of
from babbitt.signals.adapters.shard_making import in_time, simulated, write_shard
from babbitt.signals.adapters.uploads import UploadedFiles
from babbitt.signals.application.ports import Worker
from babbitt.signals.domain.importing.plan import ImportedPlan
from babbitt.signals.domain.journal.plan import JournalPlan
from babbitt.signals.domain.plan import plan_of
from babbitt.signals.domain.quality.measured import ShardQuality
from babbitt.signals.domain.records import MadeRecord, MadeShard, Waveform
from babbitt.signals.domain.rolling.plan import RollingPlan
from babbitt.signals.domain.runs import Hashes
from babbitt.signals.domain.shards import PlannedShard
from babbitt.signals.errors import MakingFailed, ShardUnknown

type AnyPlan = JournalPlan | RollingPlan | ImportedPlan


class StoredShards:
    """Shards at `signals/datasets/<id>/<attempt>/<SHA-256>`, the manifest beside them.

    Args:
        objects: the store.
        worker: runs what takes long.
        scratch: where files lie while they are written; removed as soon as they are stored.
        uploads: what imports are made of.
    """

    def __init__(self, objects: ObjectStore, worker: Worker, scratch: ScratchFolder, uploads: UploadedFiles) -> None:
        self._objects = objects
        self._worker = worker
        self._scratch = scratch
        self._uploads = uploads
        self._reading = RecordingReading()
        self._last_plan: tuple[str, AnyPlan] | None = None

    @ends_the_making
    async def make(
        self, configuration: DatasetConfiguration, dataset_id: str, attempt: int, planned: PlannedShard
    ) -> MadeShard:
        """Make a shard and store it.

        Raises:
            MakingFailed: a file or a gate says that it cannot be made, or store or scratch folder take nothing.
            ShardUnknown: the dataset has no such shard.
            Unavailable: object store or scratch folder are away.
        """
        plan = await self._plan_of(configuration, dataset_id)
        if not _has(plan, planned):
            raise ShardUnknown(f"dataset {dataset_id} has no such shard: {planned}")
        remarks: list[str] = []
        try:
            async with self._waveforms(plan, planned, remarks) as waveforms:
                # Errors of removing it are passed over: a thread that was given up may still write in it.
                with tempfile.TemporaryDirectory(
                    dir=self._scratch.made(), prefix="shard-", ignore_cleanup_errors=True
                ) as folder:
                    path = Path(folder) / "shard.h5"
                    records, hashes, quality = await self._worker(_write, path, plan, planned, waveforms)
                    reference = await self._objects.move_addressed(f"datasets/{dataset_id}/{attempt}", path)
        except RecordingError as error:
            raise MakingFailed(str(error)) from error
        except OSError as error:
            self._uploads.forget()
            raise storage_fault("scratch folder", str(self._scratch.parent), error) from error
        return MadeShard(planned.index, reference, records, hashes, tuple(remarks), quality)

    async def _plan_of(self, configuration: DatasetConfiguration, dataset_id: str) -> AnyPlan:
        """The last dataset's is kept: working one out takes a fifth of a second where there are 10,000 files."""
        if self._last_plan is None or self._last_plan[0] != dataset_id:
            self._last_plan = dataset_id, await self._worker(plan_of, configuration)
        return self._last_plan[1]

    @asynccontextmanager
    async def _waveforms(
        self, plan: AnyPlan, planned: PlannedShard, remarks: list[str]
    ) -> AsyncGenerator[Iterable[Waveform]]:
        """The records of a shard as they are made; an import's file lies on this disk meanwhile."""
        if isinstance(plan, ImportedPlan):
            async with self._uploads.fetched(plan.files[planned.first]) as path:
                yield Importing(plan, planned, path, self._reading, remarks)
        else:
            yield simulated(plan, planned)

    @ends_the_making
    async def read(self, shard: MadeShard, rows: Sequence[int]) -> Sequence[NDArray[np.float32]]:
        """The samples of some of its records: [channels, samples] each.

        Raises:
            MakingFailed: the shard is not there any more, or not what it was, or the scratch folder takes nothing.
            Unavailable: object store or scratch folder are away.
        """
        try:
            with tempfile.TemporaryDirectory(dir=self._scratch.made(), prefix="shard-") as folder:
                path = await self._objects.fetch(shard.reference, Path(folder) / "shard.h5")
                return await self._worker(_read, path, rows)
        except (ObjectMissing, ObjectCorrupt) as error:
            raise MakingFailed(f"a shard is lost: {error}") from error
        except OSError as error:
            raise storage_fault("scratch folder", str(self._scratch.parent), error) from error

    @ends_the_making
    async def write_report(self, report: QualityReport, attempt: int) -> ReportReference:
        """Store the quality report, as a document and as a page, beside the manifest."""
        document: str = await self._worker(report.model_dump_json)
        page: str = await self._worker(page_of, report)
        folder = _folder(report.dataset_id, attempt)
        return ReportReference(
            document=await self._objects.put(f"{folder}/report.json", document.encode()),
            page=await self._objects.put(f"{folder}/report.html", page.encode()),
        )

    @ends_the_making
    async def write_manifest(self, manifest: DatasetManifest, attempt: int) -> ObjectReference:
        """Store the manifest, at the address that follows from its dataset and attempt."""
        content: bytes = await self._worker(lambda: manifest.model_dump_json().encode())
        return await self._objects.put(_manifest_key(manifest.dataset_id, attempt), content)

    async def discard(self, dataset_id: str, attempt: int) -> None:
        """Remove what was stored of an attempt, the manifest first: without it nobody finds the rest."""
        await self._objects.delete(_manifest_key(dataset_id, attempt))
        await self._objects.delete_all(_folder(dataset_id, attempt))


def _has(plan: AnyPlan, planned: PlannedShard) -> bool:
    if isinstance(plan, ImportedPlan):
        return plan.has(planned)
    return planned in plan.shards[planned.index : planned.index + 1]


def _write(
    path: Path, plan: AnyPlan, planned: PlannedShard, waveforms: Iterable[Waveform]
) -> tuple[tuple[MadeRecord, ...], tuple[Hashes, ...], ShardQuality]:
    if isinstance(plan, ImportedPlan):
        return write_shard(path, plan.source.mapping.sampling_rate_hz, in_time(waveforms), channels=len(plan.channels))
    return write_shard(
        path,
        plan.source.sampling_rate_hz,
        in_time(waveforms),
        channels=len(plan.channels),
        values=plan.values(planned),
    )


def _read(path: Path, rows: Sequence[int]) -> Sequence[NDArray[np.float32]]:
    with ShardReader(path) as shard:
        return [shard.read(row) for row in rows]


def _manifest_key(dataset_id: str, attempt: int) -> str:
    return f"{_folder(dataset_id, attempt)}/manifest.json"


def _folder(dataset_id: str, attempt: int) -> str:
    return f"signals/datasets/{dataset_id}/{attempt}"
