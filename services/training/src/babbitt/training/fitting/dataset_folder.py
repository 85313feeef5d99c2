"""A dataset as a folder: `manifest.json` and beside it its shards, named as the last part of their keys."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from babbitt.contracts.manifests import DatasetManifest, RecordEntry
from babbitt.contracts.splits import SplitName
from babbitt.recordings.errors import ShardError
from babbitt.recordings.shards import ShardReader
from babbitt.training.fitting.errors import DatasetUnusable
from babbitt.training.fitting.layout import MANIFEST


@dataclass(frozen=True, slots=True)
class Records:
    """The records of one split.

    Attributes:
        names: their ids in the dataset.
        waveforms: a record each, float32 [channel, sample].
        entries: what the manifest says of them.
    """

    names: tuple[str, ...]
    waveforms: tuple[NDArray[np.float32], ...]
    entries: tuple[RecordEntry, ...]

    def joined(self, others: "Records") -> "Records":
        """These, then the others."""
        return Records(self.names + others.names, self.waveforms + others.waveforms, self.entries + others.entries)


class DatasetFolder:
    """Reads a dataset's folder, one split at a time: whoever does not ask for the test split never sees it.

    Raises:
        DatasetUnusable: there is no manifest, or it makes no sense.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            self.manifest = DatasetManifest.read((folder / MANIFEST).read_bytes())
        except FileNotFoundError:
            raise DatasetUnusable(f"{folder}: there is no {MANIFEST}") from None
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = "/".join(str(part) for part in first["loc"])
            raise DatasetUnusable(f"{folder / MANIFEST}: {where}: {first['msg']}") from error

    @property
    def size_bytes(self) -> int:
        """Of all shards."""
        return sum(shard.size_bytes for shard in self.manifest.shards)

    def verify(self) -> None:
        """Compare each shard with its digest.

        Raises:
            DatasetUnusable: a shard is missing or altered.
        """
        for shard in self.manifest.shards:
            path = self._path(shard.key)
            try:
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
            except FileNotFoundError:
                raise DatasetUnusable(f"{path}: shard is missing") from None
            if digest != shard.sha256:
                raise DatasetUnusable(f"{path}: SHA-256 is {digest}, the manifest says {shard.sha256}")

    def records(self, split: SplitName) -> Records:
        """The records of a split, in the manifest's order.

        Raises:
            DatasetUnusable: the split is empty, a label is unknown, or a shard holds something else.
        """
        entries = self.manifest.split(split)
        if not entries:
            raise DatasetUnusable(f"the {split} split is empty")
        class_names = self.manifest.data_spec.class_names
        if unknown := {entry.label for entry in entries} - set(class_names):
            raise DatasetUnusable(f"labels {', '.join(sorted(unknown))}: the data specification does not name them")
        waveforms: dict[str, NDArray[np.float32]] = {}
        for shard in sorted({entry.shard for entry in entries}):
            if shard >= len(self.manifest.shards):
                raise DatasetUnusable(f"shard {shard}: the manifest names {len(self.manifest.shards)}")
            rows = {entry.row: entry.record for entry in entries if entry.shard == shard}
            waveforms |= self._read(self._path(self.manifest.shards[shard].key), rows)
        return Records(
            names=tuple(entry.record for entry in entries),
            waveforms=tuple(waveforms[entry.record] for entry in entries),
            entries=entries,
        )

    def _read(self, path: Path, rows: dict[int, str]) -> dict[str, NDArray[np.float32]]:
        channels = len(self.manifest.data_spec.channels)
        try:
            with ShardReader(path) as shard:
                read = {name: shard.read(row) for row, name in sorted(rows.items())}
        except (ShardError, FileNotFoundError, IndexError) as error:
            raise DatasetUnusable(str(error)) from error
        for name, waveform in read.items():
            if len(waveform) != channels:
                raise DatasetUnusable(f"{path.name}: {name} has {len(waveform)} channels instead of {channels}")
            if not np.isfinite(waveform).all():
                raise DatasetUnusable(f"{path.name}: {name} holds NaN or infinity")
        return read

    def _path(self, key: str) -> Path:
        return self._folder / key.rsplit("/", 1)[-1]
