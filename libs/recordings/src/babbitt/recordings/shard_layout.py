"""The layout of a shard file, as this library's README has it, and what can be wrong with one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from babbitt.recordings.errors import NotAShard, ShardError, ShardFormatUnknown, ShardTruncated

KIND = "babbitt.shard"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class ShardRecord:
    """What a shard knows of one record. `samples` is their number a channel; the speed is in revolutions a second."""

    record: str
    label: str
    samples: int
    shaft_speed_hz: float | None


@dataclass(frozen=True, slots=True)
class ShardIndex:
    """All of a shard but its samples. `starts` has one entry more than there are records, in values."""

    channels: int
    sampling_rate_hz: float
    starts: tuple[int, ...]
    records: tuple[ShardRecord, ...]


def opened(path: Path) -> h5py.File:
    """The file, open for reading.

    Raises:
        FileNotFoundError: there is none.
        NotAShard, ShardTruncated: HDF5 cannot read it.
    """
    try:
        return h5py.File(path, "r")
    except FileNotFoundError:
        raise
    except OSError as error:
        if "truncated file" in str(error):
            raise ShardTruncated(f"{path.name}: the file ends too early: {error}") from error
        raise NotAShard(f"{path.name}: no HDF5 file: {error}") from error


def room_for_samples(file: h5py.File, values: int) -> int:
    """Make the dataset that holds the samples of all records; where its first byte lies in the file."""
    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plan.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    plan.set_fill_time(h5py.h5d.FILL_TIME_NEVER)  # else all of it would be written twice
    plan.set_obj_track_times(False)  # else the same records would give other bytes a second later
    space = h5py.h5s.create_simple((values,))
    return h5py.h5d.create(file.id, b"samples", h5py.h5t.IEEE_F32LE, space, plan).get_offset() or 0


def samples_of(file: h5py.File, name: str) -> h5py.Dataset:
    """The dataset that holds the samples of all records, one after another."""
    return _dataset(file, "samples", name)


def index_of(file: h5py.File, name: str) -> ShardIndex:
    """What the file says of itself.

    Raises:
        NotAShard: it is of another kind.
        ShardFormatUnknown: it is in a format that is not known here.
        ShardError: its parts do not fit together.
    """
    attributes: dict[str, Any] = dict(file.attrs)
    if (kind := attributes.get("kind")) != KIND:
        raise NotAShard(f"{name}: an HDF5 file, but no shard (kind {kind!r}; {KIND!r} is read)")
    if (version := attributes.get("format")) != FORMAT:
        raise ShardFormatUnknown(f"{name}: shard format {version}; this version reads {FORMAT}")
    try:
        channels = int(attributes["channels"])
        starts = _column(file, "starts", name)
        records = tuple(
            ShardRecord(record.decode(), label.decode(), size // channels, None if np.isnan(speed) else speed)
            for record, label, size, speed in zip(
                _column(file, "record", name),
                _column(file, "label", name),
                np.diff(starts).tolist(),
                _column(file, "shaft_speed_hz", name),
                strict=True,
            )
        )
        index = ShardIndex(channels, float(attributes["sampling_rate_hz"]), tuple(starts), records)
    except (KeyError, ValueError, OSError) as error:
        raise ShardError(f"{name}: damaged shard: {error}") from error
    if samples_of(file, name).shape != (starts[-1],):
        raise ShardError(f"{name}: damaged shard: not the {starts[-1]} values announced")
    return index


def texts(values: Iterable[str]) -> NDArray[np.bytes_]:
    """Fixed-width UTF-8: variable-length strings would lie in a heap, a seek each."""
    encoded = [value.encode() for value in values]
    return np.array(encoded, dtype=f"S{max(map(len, encoded), default=1) or 1}")


def table(rows: Sequence[Mapping[str, float]]) -> NDArray[np.void]:
    """One field a name, one entry a row; NaN where a row has none."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    values = [tuple(row.get(name, np.nan) for name in names) for row in rows]
    return np.array(values, dtype=[(name, "<f8") for name in names])


def _column(file: h5py.File, column: str, name: str) -> list[Any]:
    return np.asarray(_dataset(file, column, name)[:]).tolist()


def _dataset(file: h5py.File, dataset: str, name: str) -> h5py.Dataset:
    found = file.get(dataset)
    if not isinstance(found, h5py.Dataset):
        raise ShardError(f"{name}: damaged shard: no dataset {dataset!r}")
    return found
