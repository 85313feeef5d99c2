"""Datasets: asked for, made in shards, ready. A dataset's id is the SHA-256 of what it is made of."""

import hashlib
import json
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from babbitt.contracts.dataspec import BearingGeometry, Channel, DataSpec, Direction, Quantity, Unit
from babbitt.contracts.envelope import Event, Request, RequestPart
from babbitt.contracts.names import ClassName, Label, ObjectKey, Sha256, Text
from babbitt.contracts.topics import DATASETS_EVENTS, DATASETS_REQUESTS, DATASETS_SHARDS

type SplitName = Literal["train", "validation", "test"]


class SplitSpec(RequestPart):
    """How records are kept apart.

    Attributes:
        kind: `group` (no group straddles), `record` (stratified by class), or `time` (within a recording: optimistic).
        validation, test: shares of the records; the rest is for training.
    """

    kind: Literal["group", "record", "time"] = "record"
    validation: Annotated[float, Field(gt=0, lt=0.5)] = 0.15
    test: Annotated[float, Field(gt=0, lt=0.5)] = 0.15


class SimulatedSource(RequestPart):
    """Journal-bearing records from the physics of `signals`.

    Attributes:
        generator: version of the generator; another version is another dataset.
        classes: identifiers of the faults: `sain`, `desalignement`, `desequilibre`, `oilwhirl`.
        records_per_class: records of each class.
        duration_s: seconds of one record.
        sampling_rate_hz: samples a second.
        seed: the same seed gives the same bytes.
    """

    kind: Literal["simulated"] = "simulated"
    generator: Literal[1] = 1
    classes: Annotated[tuple[ClassName, ...], Field(min_length=2, max_length=64)] = (
        "sain",
        "desalignement",
        "desequilibre",
        "oilwhirl",
    )
    records_per_class: Annotated[int, Field(ge=4, le=100_000)] = 80
    duration_s: Annotated[float, Field(gt=0, le=600)] = 5.0
    sampling_rate_hz: Annotated[float, Field(ge=1_000, le=1_000_000)] = 20_480.0
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0


class RecordingFile(RequestPart):
    """An uploaded recording: the name that the mapping's patterns see, and its digest."""

    name: Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^/\\\x00-\x1f\x7f]+$")]
    sha256: Sha256


class MappingRule(RequestPart):
    """What the recordings whose name matches `pattern` are.

    Attributes:
        pattern: shell-style pattern of file names; the first rule that matches counts.
        label: class of the recording.
        variable: name (or shell-style pattern) of the variable that holds the samples.
        sampling_rate_hz: as recorded.
        shaft_speed_hz: revolutions a second, where known.
        shaft_speed_rpm_variable: name (or pattern) of a variable that holds revolutions a minute.
        group: what may not straddle a split: a bearing, a machine. Absent: the file's name.
    """

    pattern: Text
    label: ClassName
    variable: Text
    sampling_rate_hz: Annotated[float, Field(gt=0, le=10_000_000)]
    shaft_speed_hz: Annotated[float, Field(gt=0, le=10_000)] | None = None
    shaft_speed_rpm_variable: Text | None = None
    group: Text | None = None


class MappedChannel(Channel, frozen=True, extra="forbid"):
    """A channel as a request tells it."""

    quantity: Quantity = "acceleration"
    unit: Unit = "g"
    direction: Direction | None = None


class MappedBearing(BearingGeometry, frozen=True, extra="forbid"):
    """A bearing as a request tells it."""


class ImportMapping(RequestPart):
    """How recordings become records.

    Attributes:
        rules: one a kind of file.
        sampling_rate_hz: the rate of the dataset; recordings at a higher rate are resampled, lower ones refused.
        record_duration_s: recordings are cut into records of this length.
        channel: what the samples are.
        bearing: geometry of the bearing, where it is one for all.
    """

    rules: Annotated[tuple[MappingRule, ...], Field(min_length=1, max_length=1000)]
    sampling_rate_hz: Annotated[float, Field(gt=0, le=10_000_000)]
    record_duration_s: Annotated[float, Field(gt=0, le=600)]
    channel: MappedChannel = MappedChannel()
    bearing: MappedBearing | None = None


class ImportedSource(RequestPart):
    """Recordings that lie in the object store under `gateway/uploads/<sha256>`."""

    kind: Literal["imported"] = "imported"
    importer: Literal[1] = 1
    files: Annotated[tuple[RecordingFile, ...], Field(min_length=1, max_length=10_000)]
    mapping: ImportMapping

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        if len({file.name for file in self.files}) != len(self.files):
            raise ValueError("files: names must differ")
        return self


class DatasetConfiguration(RequestPart):
    """All that makes a dataset what it is; its digest is the dataset's id."""

    source: Annotated[SimulatedSource | ImportedSource, Field(discriminator="kind")]
    split: SplitSpec = SplitSpec()

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
    """

    dataset_id: Sha256
    attempt: Annotated[int, Field(ge=1)]
    index: Annotated[int, Field(ge=0)]
    first_record: Annotated[int, Field(ge=0)]
    records: Annotated[int, Field(ge=1)]

    def key(self) -> str:
        return f"{self.dataset_id}/{self.index}"


class ObjectReference(BaseModel):
    """An object in the store, by key, digest and size in bytes."""

    model_config = ConfigDict(frozen=True)

    key: ObjectKey
    sha256: Sha256
    size_bytes: Annotated[int, Field(ge=0)]


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
        counts: records by split and class.
    """

    dataset_id: Sha256
    manifest: ObjectReference
    data_spec: DataSpec
    split_kind: str
    counts: dict[str, dict[str, int]]
    label: str | None = None
    source_kind: str = "simulated"

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
