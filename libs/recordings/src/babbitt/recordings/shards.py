"""The shard format: many records in one HDF5 file. The layout stands in this library's README.

Samples are one contiguous, uncompressed float32 dataset, so a record is one seek and one read. The same records
written in the same order give the same bytes, so a shard's digest follows from its content.
"""

import os
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import h5py
import numpy as np
from numpy.typing import ArrayLike, NDArray

from babbitt.recordings.digests import samples_blake3
from babbitt.recordings.errors import ShardError
from babbitt.recordings.shard_layout import (
    FORMAT,
    KIND,
    ShardRecord,
    index_of,
    opened,
    room_for_samples,
    samples_of,
    table,
    texts,
)
from babbitt.recordings.writing import new_hdf5


class ShardWriter:
    """Writes a shard; use as a context manager. The file appears under its name when all of it is there, or never.

    Args:
        path: the file to write; its folder exists. What is there already is replaced.
        sampling_rate_hz: of all records.
        channels: of all records.
        values: how many numbers all records have together, where that is known beforehand: then each is written as it
            comes, while it is in the processor's cache. Else all of them are kept until the end.

    Raises:
        OSError: at the end: the disk takes no more.
        ShardError: at the end: there were not so many values as announced.
    """

    def __init__(self, path: Path, *, sampling_rate_hz: float, channels: int = 1, values: int | None = None) -> None:
        self._path = path
        self._sampling_rate_hz = sampling_rate_hz
        self._channels = channels
        self._values = values
        self._records: list[ShardRecord] = []
        self._conditions: list[Mapping[str, float]] = []
        self._starts = [0]
        self._kept: list[NDArray[np.float32]] = []
        self._opened = ExitStack()
        self._file: h5py.File | None = None
        self._place: FileIO

    def __enter__(self) -> Self:
        if self._values is not None:
            self._file = self._begin(self._values)
        return self

    def add(
        self,
        record: str,
        label: str,
        samples: ArrayLike,
        shaft_speed_hz: float | None = None,
        conditions: Mapping[str, float] | None = None,
    ) -> str:
        """Append a record.

        Args:
            record: its id.
            label: its class.
            samples: [channels, samples], written as float32.
            shaft_speed_hz: revolutions a second, where known.
            conditions: under which it was made, by name and unit; the same names for all records of a shard, or none.

        Returns:
            The BLAKE3 of its samples as stored.

        Raises:
            ShardError: another shape than [channels, at least one sample], or more values than announced.
        """
        block = np.ascontiguousarray(samples, dtype="<f4")
        if block.ndim != 2 or block.shape[0] != self._channels or block.shape[1] == 0:  # noqa: PLR2004 - two axes
            raise ShardError(f"record {record}: shape {block.shape}; [{self._channels}, samples] is written")
        self._records.append(ShardRecord(record, label, block.shape[1], shaft_speed_hz))
        self._conditions.append(conditions or {})
        self._starts.append(self._starts[-1] + block.size)
        digest = samples_blake3(block)
        if self._file is None:
            self._kept.append(block.copy())
        else:
            self._write(block)
        return digest

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._opened.__exit__(kind, error, trace)
            return
        with self._opened:
            if self._values not in {None, self._starts[-1]}:
                raise ShardError(f"{self._path.name}: {self._starts[-1]} values; {self._values} were announced")
            file = self._file or self._begin(self._starts[-1])
            for block in self._kept:
                self._write(block)
            self._end(file)

    def _begin(self, values: int) -> h5py.File:
        file, self._place = self._opened.enter_context(self._new_file(values))
        return file

    def _write(self, block: NDArray[np.float32]) -> None:
        if self._values is not None and self._starts[-1] > self._values:
            raise ShardError(f"{self._path.name}: more than the {self._values} values announced")
        rest = memoryview(block).cast("B")
        while rest:
            rest = rest[self._place.write(rest) :]

    def _end(self, file: h5py.File) -> None:
        speeds = [np.nan if entry.shaft_speed_hz is None else entry.shaft_speed_hz for entry in self._records]
        file.attrs["kind"] = KIND
        file.attrs["format"] = FORMAT
        file.attrs["channels"] = self._channels
        file.attrs["sampling_rate_hz"] = self._sampling_rate_hz
        file.create_dataset("starts", data=np.array(self._starts, dtype="<i8"))
        file.create_dataset("record", data=texts(entry.record for entry in self._records))
        file.create_dataset("label", data=texts(entry.label for entry in self._records))
        file.create_dataset("shaft_speed_hz", data=np.asarray(speeds, dtype="<f8"))
        if any(self._conditions):
            file.create_dataset("conditions", data=table(self._conditions))

    @contextmanager
    def _new_file(self, values: int) -> Generator[tuple[h5py.File, FileIO]]:
        """The file, and a handle where its samples begin: past HDF5 they are written in a third of the time."""
        unfinished = self._path.with_name(f".{self._path.name}.{uuid4().hex}.tmp")
        try:
            with new_hdf5(unfinished) as file, FileIO(unfinished, "r+") as place:
                place.seek(room_for_samples(file, values))
                yield file, place
            unfinished.replace(self._path)
        finally:
            unfinished.unlink(missing_ok=True)


class ShardReader:
    """Reads a shard; use as a context manager. Threads may share one: each has its own handle on the file.

    HDF5 lets one thread in at a time, whatever the handles: threads are safe here, processes are fast.

    Attributes:
        sampling_rate_hz: of all records.
        channels: of all records.
        records: what it holds, in order; the position is the row.

    Raises:
        FileNotFoundError: there is no such file.
        NotAShard, ShardFormatUnknown, ShardTruncated: what is there cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handles = threading.local()
        self._opened: list[h5py.File] = []
        self._lock = threading.Lock()
        self._closed = False
        try:
            self._index = index_of(self._open(), path.name)
        except BaseException:
            self.close()
            raise
        self.channels = self._index.channels
        self.sampling_rate_hz = self._index.sampling_rate_hz
        self.records = self._index.records

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        return (self.read(row) for row in range(len(self)))

    def read(self, row: int) -> NDArray[np.float32]:
        """The samples of the record in `row`: [channels, samples].

        Raises:
            IndexError: there is no such row.
            ShardError: the reader is closed, or the file cannot be read.
        """
        if not 0 <= row < len(self):
            raise IndexError(f"{self._path.name}: row {row}; there are {len(self)}")
        try:
            start, stop = self._index.starts[row : row + 2]
            flat = np.asarray(samples_of(self._open(), self._path.name)[start:stop])
        except (OSError, RuntimeError) as error:  # the latter: closed by another thread meanwhile
            raise ShardError(f"{self._path.name}: row {row} cannot be read: {error}") from error
        return flat.reshape(self.channels, -1)

    def close(self) -> None:
        """Close the handles of all threads. Reading afterwards is an error."""
        with self._lock:
            self._closed = True
            for handle in self._opened:
                handle.close()
            self._opened.clear()

    def _open(self) -> h5py.File:
        """This thread's handle; after a fork the child opens its own."""
        mine: tuple[int, h5py.File] | None = getattr(self._handles, "mine", None)
        if mine and mine[0] == os.getpid() and not self._closed:
            return mine[1]
        with self._lock:
            if self._closed:
                raise ShardError(f"{self._path.name}: the reader is closed")
            handle = opened(self._path)
            self._opened.append(handle)
        self._handles.mine = (os.getpid(), handle)
        return handle
