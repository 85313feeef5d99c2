"""NumPy's own files."""

import math
from pathlib import Path

import numpy as np

from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.readers.leaves import Leaf, array_leaf
from babbitt.recordings.readers.numpy_layout import numpy_layout

_HEAD_BYTES = 64 * 1024


def npy_leaves(path: Path, name: str) -> list[Leaf]:
    """The one array of a .npy file, read where it is asked for.

    Raises:
        RecordingUnreadable: it is none, of something else than real numbers, or ends too early.
    """
    with path.open("rb") as file:
        layout = numpy_layout(file.read(_HEAD_BYTES), name)
    size = math.prod(layout.shape)
    if size * layout.dtype.itemsize > path.stat().st_size - layout.start:
        raise RecordingUnreadable(f"{name}: truncated: {size} values announced")
    order = "F" if layout.fortran_order else "C"
    array = np.memmap(path, layout.dtype, "r", layout.start, layout.shape or (1,), order)
    return [array_leaf(("array",), array)]
