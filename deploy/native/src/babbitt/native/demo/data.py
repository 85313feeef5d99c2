"""What the demonstration learns from: simulated records, or real recordings that are imported through the API."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from babbitt.client.clients import Babbitt
from babbitt.contracts.datasets import DatasetConfiguration, DatasetReady
from babbitt.contracts.manifests import DatasetManifest
from babbitt.contracts.mappings import ImportedSource, ImportMapping, RecordingFile
from babbitt.contracts.simulations import JournalSource
from babbitt.contracts.splits import SplitSpec
from babbitt.native.errors import NativeError
from babbitt.recordings.mapping import read_mapping
from babbitt.recordings.shards import ShardReader

DEMONSTRATED = ("sain", "desalignement", "desequilibre", "oilwhirl")
"""The classes of simulated records: four are learned in a minute."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A record that training never saw.

    Attributes:
        record: its id in the dataset.
        truth: its class.
        waveform: float32 [channels, samples].
        sampling_rate_hz: of the waveform.
        shaft_speed_hz: revolutions a second, where known.
    """

    record: str
    truth: str
    waveform: NDArray[np.float32]
    sampling_rate_hz: float
    shaft_speed_hz: float | None


def simulated(records_per_class: int, duration_s: float) -> DatasetConfiguration:
    """Journal-bearing records, split by record."""
    return DatasetConfiguration(
        source=JournalSource(
            classes=DEMONSTRATED, records_per_class=records_per_class, duration_s=duration_s, noise_copies_db=()
        )
    )


def recordings(folder: Path, mapping_file: Path) -> tuple[ImportMapping, list[Path]]:
    """The mapping, and the recordings of `folder` that it names.

    Raises:
        NativeError: the folder holds none, or lacks one that the mapping names.
    """
    mapping = read_mapping(mapping_file)
    files = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    matched = [path for path in files if any(fnmatchcase(path.name, rule.pattern) for rule in mapping.rules)]
    missing = [
        rule.pattern for rule in mapping.rules if not any(fnmatchcase(one.name, rule.pattern) for one in matched)
    ]
    if missing:
        raise NativeError(f"{folder} lacks recordings that {mapping_file.name} names: {', '.join(missing)}")
    return mapping, matched


def imported(client: Babbitt, mapping: ImportMapping, files: list[Path]) -> DatasetConfiguration:
    """Recordings, uploaded; the last 30 % of each is for the test."""
    uploads = [RecordingFile(name=path.name, sha256=client.upload(path).sha256) for path in files]
    return DatasetConfiguration(
        source=ImportedSource(files=tuple(uploads), mapping=mapping), split=SplitSpec(kind="time", test=0.3)
    )


def held_out(objects: Path, ready: DatasetReady) -> Iterator[HeldOut]:
    """The test split of a dataset, read from the object store's folder and verified."""
    manifest = DatasetManifest.read(_verified(objects / ready.manifest.key, ready.manifest.sha256))
    for entry in manifest.split("test"):
        shard = objects / manifest.shards[entry.shard].key
        with ShardReader(shard) as reader:
            waveform = reader.read(entry.row)
        rate = manifest.data_spec.sampling_rate_hz
        yield HeldOut(entry.record, entry.label, waveform, rate, entry.shaft_speed_hz)


def _verified(path: Path, sha256: str) -> bytes:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise NativeError(f"{path.name} is not what its digest says")
    return content
