"""Samples out of a file of any kind that an importer knows; the kind follows from the name's ending."""

import io
import warnings
from collections.abc import Callable, Mapping
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.matlab import MatlabFile

MAX_FILE_BYTES = 256 * 1024 * 1024

type Samples = NDArray[np.float64]


def read_samples(content: bytes, name: str, variable: str = "*") -> Samples:
    """The samples of one channel: [samples], finite.

    Args:
        content: the file.
        name: its name; `.mat` (MATLAB 5), `.npy` (one array) and `.csv` (one column, with or without a heading).
        variable: name or shell-style pattern; looked at in files whose variables have names.

    Raises:
        RecordingUnreadable: not such a file, damaged, too large, empty, or with samples that are no numbers.
    """
    reader = READERS.get(PurePath(name).suffix.lower())
    if reader is None:
        raise RecordingUnreadable(f"{name}: the name ends in none of {', '.join(READERS)}: no importer knows it")
    if len(content) > MAX_FILE_BYTES:
        raise RecordingUnreadable(f"{name}: {len(content)} bytes, at most {MAX_FILE_BYTES} are read")
    return checked(reader(content, name, variable), name)


def checked(samples: Samples, name: str) -> Samples:
    """The same samples.

    Raises:
        RecordingUnreadable: there are none, or one is no finite number.
    """
    if samples.size == 0:
        raise RecordingUnreadable(f"{name}: holds no samples")
    wrong = np.flatnonzero(~np.isfinite(samples))
    if wrong.size:
        first = f"the first at sample {wrong[0]}"
        raise RecordingUnreadable(f"{name}: {wrong.size} samples are no finite numbers, {first}; gaps are refused")
    return samples


def _matlab(content: bytes, name: str, variable: str) -> Samples:
    return MatlabFile(content, name).vector(variable)


def numpy_layout(content: bytes, name: str) -> tuple[np.dtype[np.generic], int, int]:
    """What the head of a .npy file announces: the type of its samples, how many there are, and where they begin.

    Raises:
        RecordingUnreadable: of a version that is not read, or no vector of real numbers.
    """
    stream = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(stream)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, _fortran, dtype = read_header(stream)
    except (ValueError, KeyError, SyntaxError) as error:
        raise RecordingUnreadable(f"{name}: no .npy file of version 1 or 2: {error}") from error
    size = int(np.prod(shape, dtype=object))
    if dtype.kind not in "iuf" or size != max(shape, default=1):
        raise RecordingUnreadable(f"{name}: holds {dtype} of shape {shape}; a vector of real numbers is read")
    return dtype, size, stream.tell()


def _numpy(content: bytes, name: str, _: str) -> Samples:
    dtype, size, start = numpy_layout(content, name)
    if size * dtype.itemsize > len(content) - start:
        raise RecordingUnreadable(f"{name}: truncated: {size} samples announced")
    return np.frombuffer(content, dtype, size, start).astype(np.float64)


def csv_column(content: bytes, name: str, _: str = "*") -> Samples:
    """The numbers of a CSV file of one column, with or without a heading.

    Raises:
        RecordingUnreadable: it is none.
    """
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise RecordingUnreadable(f"{name}: no text in UTF-8: {error}") from error
    heading = 1 if lines and not _is_number(lines[0]) else 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # an empty file is told by the caller, not as a warning
        try:
            table = np.loadtxt(lines[heading:], dtype=np.float64, delimiter=",", ndmin=2)
        except ValueError as error:
            raise RecordingUnreadable(f"{name}: one column of numbers is read: {error}") from error
    if table.shape[1] > 1:
        raise RecordingUnreadable(f"{name}: {table.shape[1]} columns; one column of numbers is read")
    return table.ravel()


def _is_number(text: str) -> bool:
    try:
        float(text.split(",", 1)[0])
    except ValueError:
        return False
    return True


READERS: Mapping[str, Callable[[bytes, str, str], Samples]] = {".mat": _matlab, ".npy": _numpy, ".csv": csv_column}
