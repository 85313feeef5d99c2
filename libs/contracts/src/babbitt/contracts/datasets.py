"""Datasets: asked for, made in shards, ready. A dataset's id is the SHA-256 of what it is made of."""

import hashlib
import json
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from babbitt.contracts.dataspec import DataSpec
from babbitt.contracts.envelope import Event, Request, RequestPart
from babbitt.contracts.mappings import ImportedSource
from babbitt.contracts.names import Label, ObjectKey, Reason, Sha256
from babbitt.contracts.simulations import JournalSource, RollingSource
from babbitt.contracts.splits import SplitSpec
from babbitt.contracts.topics import DATASETS_EVENTS, DATASETS_REQUESTS, DATASETS_SHARDS

MAX_SHARD_SAMPLES = 16 * 1024 * 1024
"""Of its records, all channels together: 64 MiB of float32."""
MAX_RECORDS = 200_000
"""What one manifest holds."""

type SimulatedSource = JournalSource | RollingSource


def _which(source: object) -> str | None:
    """The tag of a source: its profile where it is simulated, else its kind."""
    said = source if isinstance(source, dict) else getattr(source, "__dict__", {})
    kind = said.get("kind")
    return said.get("profile", "jbfd11") if kind == "simulated" else kind


type Source = Annotated[
    Annotated[JournalSource, Tag("jbfd11")]
    | Annotated[RollingSource, Tag("rolling")]
    | Annotated[ImportedSource, Tag("imported")],
    Discriminator(
        _which,
        custom_error_type="source",
        custom_error_message="kind 'simulated' with profile 'jbfd11' or 'rolling', or kind 'imported', is accepted",
    ),
]
"""Where records come from. A simulated source without a profile is one of `jbfd11`."""


class DatasetConfiguration(RequestPart):
    """All that makes a dataset what it is; its digest is the dataset's id.

    Attributes:
        accepted_leakage: why records of two splits may share samples. With it the leakage gate tells what it finds
            instead of failing, the dataset says so wherever it is shown, and no version trained on it is promoted by
            itself.
    """

    source: Source
    split: SplitSpec = SplitSpec()
    accepted_leakage: Reason | None = None

    def dataset_id(self) -> Sha256:
        """SHA-256 of the configuration in canonical JSON (sorted keys, no spaces); files count by name and digest."""
        content = self.model_dump(mode="json")
        if isinstance(self.source, ImportedSource):
            files = sorted(self.source.files, key=lambda file: file.name)
            content["source"]["files"] = [file.model_dump(mode="json") for file in files]
        return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


class DatasetRequested(Request, topic=DATASETS_REQUESTS):
    """Make this dataset, or say again that it is there."""

    configuration: DatasetConfiguration
    label: Label | None = None
    requested_by: Label | None = None

    def key(self) -> str:
        return self.configuration.dataset_id()


class DatasetCancelRequested(Request, topic=DATASETS_REQUESTS):
    """Stop making this dataset."""

    dataset_id: Sha256
    requested_by: Label | None = None

    def key(self) -> str:
        return self.dataset_id


class DatasetDeleteRequested(Request, topic=DATASETS_REQUESTS):
    """Remove this dataset."""

    dataset_id: Sha256
    requested_by: Label | None = None

    def key(self) -> str:
        return self.dataset_id


class ShardRequested(Request, topic=DATASETS_SHARDS):
    """Make one part of a dataset: at most 2 s of work and 64 MB.

    Attributes:
        attempt: the making of the dataset that this shard belongs to; shards of an earlier one are skipped.
        index: which shard, from 0.
        first_record, records: what it holds, in order: records of a simulation; of an import, its files by name.
        part, parts: of a file of an import that is too long for one shard: which part, from 0, of how many.
    """

    dataset_id: Sha256
    attempt: Annotated[int, Field(ge=1)]
    index: Annotated[int, Field(ge=0)]
    first_record: Annotated[int, Field(ge=0)]
    records: Annotated[int, Field(ge=1)]
    part: Annotated[int, Field(ge=0)] = 0
    parts: Annotated[int, Field(ge=1)] = 1

    def key(self) -> str:
        return f"{self.dataset_id}/{self.index}"


class ObjectReference(BaseModel):
    """An object in the store, by key, digest and size in bytes."""

    model_config = ConfigDict(frozen=True)

    key: ObjectKey
    sha256: Sha256
    size_bytes: Annotated[int, Field(ge=0)]


class ReportReference(BaseModel):
    """The quality report of a dataset: for programs, and as a page for people."""

    model_config = ConfigDict(frozen=True)

    document: ObjectReference
    page: ObjectReference


class DatasetProgressed(Event, topic=DATASETS_EVENTS):
    """Some more shards are there."""

    dataset_id: Sha256
    shards_done: int
    shards: int

    def key(self) -> str:
        return self.dataset_id


class DatasetReady(Event, topic=DATASETS_EVENTS):
    """The dataset is there, whole. Said again to whoever asks for it again.

    Attributes:
        split_kind: how test records were kept apart; `time` is optimistic.
        counts: records by place (a split, or a noisy copy of the test split) and class.
        report: its quality report.
        findings: what the report found that people should know, in sentences.
        split_in_time: classes with one group, which a split by group divides in time: optimistic.
        size_bytes: of all its objects together; None: nobody counted.
    """

    dataset_id: Sha256
    manifest: ObjectReference
    data_spec: DataSpec
    split_kind: str
    counts: dict[str, dict[str, int]]
    label: str | None = None
    source_kind: str = "simulated"
    report: ReportReference | None = None
    findings: tuple[str, ...] = ()
    split_in_time: tuple[str, ...] = ()
    size_bytes: Annotated[int, Field(ge=0)] | None = None

    def key(self) -> str:
        return self.dataset_id


class DatasetFailed(Event, topic=DATASETS_EVENTS):
    """The dataset cannot be made."""

    dataset_id: Sha256
    reason: str

    def key(self) -> str:
        return self.dataset_id


class DatasetCancelled(Event, topic=DATASETS_EVENTS):
    """The dataset is not made any further."""

    dataset_id: Sha256

    def key(self) -> str:
        return self.dataset_id


class DatasetDeleted(Event, topic=DATASETS_EVENTS):
    """The dataset is gone."""

    dataset_id: Sha256

    def key(self) -> str:
        return self.dataset_id
