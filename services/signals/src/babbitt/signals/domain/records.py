"""Records as they were made, before it is known whether they may be used."""

from dataclasses import dataclass

from babbitt.contracts.datasets import ObjectReference, SplitName
from babbitt.signals.domain.runs import Hashes


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
        sha256: digest of its samples as stored.
        split: where its place in the recording decides it.
    """

    record: str
    recording: str
    label: str
    group: str
    row: int
    samples: int
    shaft_speed_hz: float | None
    sha256: str
    split: SplitName | None = None


@dataclass(frozen=True, slots=True)
class PlacedRecord:
    """A made record with its shard and its split."""

    made: MadeRecord
    shard: int
    split: SplitName


@dataclass(frozen=True, slots=True)
class MadeShard:
    """A shard in the object store, and what is in it.

    Attributes:
        index: which shard.
        reference: the file.
        records: in the order of their rows.
        fingerprints: of each record, see `runs`.
    """

    index: int
    reference: ObjectReference
    records: tuple[MadeRecord, ...]
    fingerprints: tuple[Hashes, ...]
