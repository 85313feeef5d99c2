"""Records as they were made, before it is known whether they may be used."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.dataspec import BearingGeometry
from babbitt.contracts.manifests import RecordEntry
from babbitt.contracts.splits import split_of
from babbitt.signals.domain.quality.measured import ShardQuality
from babbitt.signals.domain.runs import Hashes


@dataclass(frozen=True, slots=True)
class Waveform:
    """A record before it is written.

    Attributes:
        samples: [channels, samples], finite. Read before the next waveform is asked for: its memory is used again.
        place: where it is known beforehand: in time within its recording, predefined, or a noisy copy.
        conditions: how the machine ran, by name and unit, where that is known.
        fingerprints: hashes of its runs, see `runs`; None: it has no samples in common with any other.

    The rest is as in `MadeRecord`.
    """

    record: str
    recording: str
    label: str
    group: str
    samples: NDArray[np.float32]
    shaft_speed_hz: float | None
    place: str | None = None
    severity: str | None = None
    bearing: BearingGeometry | None = None
    recorded_at_hz: float | None = None
    conditions: Mapping[str, float] | None = None
    fingerprints: Hashes | None = None


@dataclass(frozen=True, slots=True)
class MadeRecord:
    """One record within its shard.

    Attributes:
        record: its id within the dataset.
        recording: what it was cut from; the record itself where it was simulated.
        label: its class.
        group: what may not straddle a split.
        row: its place in the shard.
        samples: samples a channel.
        shaft_speed_hz: revolutions a second, where known.
        blake3: digest of its samples as stored.
        place: its split, where it was known when it was made, or the noisy copy of the test split that it is in.
        severity: how far its fault has gone, where known.
        bearing: its bearing's geometry, where it is not one for all of the dataset.
        recorded_at_hz: the rate that it was recorded at, where it was imported; its samples may be resampled.
    """

    record: str
    recording: str
    label: str
    group: str
    row: int
    samples: int
    shaft_speed_hz: float | None
    blake3: str
    place: str | None = None
    severity: str | None = None
    bearing: BearingGeometry | None = None
    recorded_at_hz: float | None = None

    @classmethod
    def of(cls, waveform: Waveform, row: int, blake3: str) -> Self:
        """What a waveform was, once it is written."""
        return cls(
            record=waveform.record,
            recording=waveform.recording,
            label=waveform.label,
            group=waveform.group,
            row=row,
            samples=waveform.samples.shape[1],
            shaft_speed_hz=waveform.shaft_speed_hz,
            blake3=blake3,
            place=waveform.place,
            severity=waveform.severity,
            bearing=waveform.bearing,
            recorded_at_hz=waveform.recorded_at_hz,
        )


@dataclass(frozen=True, slots=True)
class PlacedRecord:
    """A made record with its shard and its place: a split, or a noisy copy of the test split."""

    made: MadeRecord
    shard: int
    place: str

    @property
    def split(self) -> str:
        """The split that it, or what it is a copy of, belongs to."""
        return split_of(self.place)

    def entry(self) -> RecordEntry:
        """What the manifest says of it."""
        made = self.made
        return RecordEntry(
            record=made.record,
            label=made.label,
            split=self.place,
            group=made.group,
            shard=self.shard,
            row=made.row,
            samples=made.samples,
            shaft_speed_hz=made.shaft_speed_hz,
            recording=made.recording if made.recording != made.record else None,
            severity=made.severity,
            bearing=made.bearing,
            blake3=made.blake3,
        )


@dataclass(frozen=True, slots=True)
class MadeShard:
    """A shard in the object store, and what is in it.

    Attributes:
        index: which shard.
        reference: the file.
        records: in the order of their rows.
        fingerprints: of each record, see `runs`.
        remarks: what was done to the recordings that it was made of, a sentence each with the file's name.
        quality: what was measured of its records.
    """

    index: int
    reference: ObjectReference
    records: tuple[MadeRecord, ...]
    fingerprints: tuple[Hashes, ...]
    remarks: tuple[str, ...] = ()
    quality: ShardQuality | None = None
