"""The manifest of a dataset: the file that says what it holds. It lies beside the shards and is written last."""

import hashlib
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from babbitt.contracts.datasets import DatasetConfiguration, ObjectReference, ReportReference
from babbitt.contracts.dataspec import BearingGeometry, DataSpec
from babbitt.contracts.names import Blake3, ClassName, Sha256
from babbitt.contracts.splits import Place


class RecordEntry(BaseModel):
    """One record of a dataset.

    Attributes:
        record: its id within the dataset.
        label: its class.
        split: which split it is in; `test_snr20` is no part of `test`, but a copy of it with noise at 20 dB.
        group: what may not straddle a split.
        shard, row: where its samples are.
        samples: samples a channel.
        shaft_speed_hz: revolutions a second, where known.
        recording: what it was cut from; None: nothing longer.
        severity: how far its fault has gone, where known: `incipient`, `mild`, `moderate`, `severe`.
        bearing: its bearing's geometry, where it is known and not one for all.
        blake3: digest of its samples as stored (float32, little-endian, C order).
    """

    model_config = ConfigDict(frozen=True)

    record: str
    label: ClassName
    split: Place
    group: str
    shard: Annotated[int, Field(ge=0)]
    row: Annotated[int, Field(ge=0)]
    samples: Annotated[int, Field(ge=1)]
    shaft_speed_hz: float | None = None
    recording: str | None = None
    severity: str | None = None
    bearing: BearingGeometry | None = None
    blake3: Blake3


class DatasetManifest(BaseModel):
    """What a dataset is, written last: a dataset without one does not exist.

    Lies at `signals/datasets/<id>/<attempt>/manifest.json`. `notes` tell people what to know of the data. It is read by
    `read`: as open as an event. `split_in_time`: classes with one group, which a split by group divides in time.
    """

    model_config = ConfigDict(frozen=True)

    format: Literal[2] = 2
    dataset_id: Sha256
    configuration: DatasetConfiguration
    data_spec: DataSpec
    shards: tuple[ObjectReference, ...]
    records: tuple[RecordEntry, ...]
    notes: tuple[str, ...] = ()
    split_in_time: tuple[str, ...] = ()
    report: ReportReference | None = None

    @classmethod
    def read(cls, content: bytes | str) -> Self:
        """A manifest's JSON, of a later version of `signals` too: unknown fields are skipped at every depth.

        Raises:
            pydantic.ValidationError: it is none.
        """
        return cls.model_validate_json(content, extra="ignore")

    def split(self, name: Place) -> tuple[RecordEntry, ...]:
        """The records of one split, in the manifest's order."""
        return tuple(entry for entry in self.records if entry.split == name)

    def split_digest(self, name: Place) -> str:
        """SHA-256 over the digests and labels of a split's records: two versions tested on equal digests compare."""
        lines = sorted(f"{entry.blake3} {entry.label}" for entry in self.split(name))
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()
