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
    samples = reader(content, name, variable)
    if samples.size == 0:
        raise RecordingUnreadable(f"{name}: holds no samples")
    wrong = np.flatnonzero(~np.isfinite(samples))
    if wrong.size:
        first = f"the first at sample {wrong[0]}"
        raise RecordingUnreadable(f"{name}: {wrong.size} samples are no finite numbers, {first}; gaps are refused")
    return samples


def _matlab(content: bytes, name: str, variable: str) -> Samples:
    return MatlabFile(content, name).vector(variable)


def _numpy(content: bytes, name: str, _: str) -> Samples:
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
    if size * dtype.itemsize > len(content) - stream.tell():
        raise RecordingUnreadable(f"{name}: truncated: {size} samples announced")
    return np.frombuffer(content, dtype, size, stream.tell()).astype(np.float64)


def _csv(content: bytes, name: str, _: str) -> Samples:
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


READERS: Mapping[str, Callable[[bytes, str, str], Samples]] = {".mat": _matlab, ".npy": _numpy, ".csv": _csv}
