"""What the head of a .npy file announces."""

import io
from dataclasses import dataclass

import numpy as np

from babbitt.recordings.errors import RecordingUnreadable

_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


@dataclass(frozen=True, slots=True)
class NumpyLayout:
    """An array: its type and shape, whether its first axis runs fastest, and where its values begin."""

    dtype: np.dtype[np.generic]
    shape: tuple[int, ...]
    fortran_order: bool
    start: int


def numpy_layout(head: bytes, name: str) -> NumpyLayout:
    """The array that a .npy file is.

    Args:
        head: its beginning.
        name: the file's, for messages.

    Raises:
        RecordingUnreadable: of a version that is not read, or no real numbers.
    """
    stream = io.BytesIO(head)
    try:
        read_header = _HEADERS[np.lib.format.read_magic(stream)]
        shape, fortran_order, dtype = read_header(stream)
    except (ValueError, KeyError, SyntaxError, TypeError) as error:
        raise RecordingUnreadable(f"{name}: no .npy file of version 1 or 2: {error}") from error
    if dtype.kind not in "iufb":
        raise RecordingUnreadable(f"{name}: holds {dtype} of shape {shape}; real numbers are read")
    if any(length < 1 for length in shape):
        raise RecordingUnreadable(f"{name}: holds no samples: its shape is {shape}")
    return NumpyLayout(dtype, shape, fortran_order, stream.tell())
