"""What the use cases need of the world, in the domain's words."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.datasets import DatasetConfiguration, ObjectReference, ReportReference
from babbitt.contracts.envelope import Message
from babbitt.contracts.manifests import DatasetManifest
from babbitt.contracts.mappings import RecordingFile
from babbitt.contracts.quality import QualityReport
from babbitt.signals.domain.dataset import Dataset
from babbitt.signals.domain.records import MadeShard
from babbitt.signals.domain.shards import PlannedShard


class Datasets(Protocol):
    """The datasets that there are, within one transaction."""

    async def expect_work(self, seconds: int) -> None:
        """This transaction will wait for work, for so long at most."""
        ...

    async def find(self, dataset_id: str) -> Dataset | None:
        """A dataset as it is now; it may change meanwhile."""
        ...

    async def locked(self, dataset_id: str) -> Dataset | None:
        """A dataset that nobody else changes until the transaction ends."""
        ...

    async def locked_or_new(self, configuration: DatasetConfiguration) -> Dataset:
        """Likewise; one that was never asked for is entered as deleted."""
        ...

    async def save(self, dataset: Dataset) -> None:
        """Keep what was changed of a locked dataset."""
        ...

    async def add_shard(self, dataset_id: str, attempt: int, shard: MadeShard) -> bool:
        """Enter a shard; False: it was there already."""
        ...

    async def shards(self, dataset_id: str, attempt: int) -> Sequence[MadeShard]:
        """The shards of an attempt, in their order."""
        ...

    async def stalled(self, since: datetime) -> Sequence[str]:
        """Ids of datasets that are being made and were last changed before `since`."""
        ...

    async def collectable(self, since: datetime) -> Sequence[tuple[str, int]]:
        """(id, attempt) that no dataset needs, where the dataset was last changed before `since`; in order."""
        ...

    async def collected(self, dataset_id: str, attempt: int) -> None:
        """Of this attempt and those before nothing is left."""
        ...


class Uploads(Protocol):
    """The uploaded files that datasets are made of."""

    async def sizes(self, files: Sequence[RecordingFile]) -> Mapping[str, int]:
        """Bytes of each file by its digest; files that are not there are left out.

        Raises:
            Unavailable: the object store is away.
        """
        ...


class Shards(Protocol):
    """Makes shards, and keeps them where others can read them."""

    async def make(
        self, configuration: DatasetConfiguration, dataset_id: str, attempt: int, planned: PlannedShard
    ) -> MadeShard:
        """Make a shard and store it.

        Raises:
            MakingFailed: a file or a gate says that it cannot be made.
            Unavailable: the object store is away.
        """
        ...

    async def read(self, shard: MadeShard, rows: Sequence[int]) -> Sequence[NDArray[np.float32]]:
        """The samples of some of its records: [channels, samples] each."""
        ...

    async def write_report(self, report: QualityReport, attempt: int) -> ReportReference:
        """Store the quality report, as a document and as a page, beside the manifest."""
        ...

    async def write_manifest(self, manifest: DatasetManifest, attempt: int) -> ObjectReference:
        """Store the manifest, at the address that follows from its dataset and attempt."""
        ...

    async def discard(self, dataset_id: str, attempt: int) -> None:
        """Remove what was stored of an attempt, also what nobody took note of."""
        ...


class Lineage(Protocol):
    """What models were trained on, within one transaction."""

    async def trained(self, model: str, version: int, dataset_id: str) -> None:
        """A version was trained on a dataset; a repeat changes nothing."""
        ...

    async def retired(self, model: str, version: int) -> None:
        """A version needs its dataset no more."""
        ...

    async def needing(self, dataset_id: str) -> Sequence[str]:
        """The versions that need a dataset, such as `pump@3`, in order."""
        ...


class Outbox(Protocol):
    """What is said when the transaction commits."""

    async def publish(self, message: Message, *, sequence: int, event_id: UUID | None = None) -> object:
        """Say `message`; `sequence` is the dataset's revision."""
        ...


type Worker = Callable[..., Awaitable[Any]]
"""Runs a function with its arguments where it blocks nobody: `await worker(function, *arguments)`."""
