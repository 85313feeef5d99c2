"""A file for HDF5 to write into, on a disk that may be full.

HDF5 cannot close a file that it cannot write: its handles stay, and a later one brings the process down (seen with
HDF5 2.0 under a limit on the size of files). So it is never told: the first error is kept, and raised when it is done.
"""

import io
from collections.abc import Buffer, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import override

import h5py


@contextmanager
def new_hdf5(path: Path) -> Generator[h5py.File]:
    """An HDF5 file that is made at `path`, whole when the context ends.

    Raises:
        OSError: at the end: the disk took less than all of it.
    """
    with _KeptErrors(path, "w+") as raw:
        with h5py.File(raw, "w") as file:
            yield file
        if raw.error is not None:
            raise raw.error


class _KeptErrors(io.FileIO):
    """Takes whatever is written; `error` tells whether the disk did."""

    error: OSError | None = None

    @override
    def write(self, b: Buffer, /) -> int:
        rest = memoryview(b)
        size = rest.nbytes
        try:
            while rest and self.error is None:
                rest = rest[super().write(rest) :]
        except OSError as error:
            self.error = error
        return size

    @override
    def truncate(self, size: int | None = None, /) -> int:
        try:
            return super().truncate(size)
        except OSError as error:
            self.error = self.error or error
            return size or 0
