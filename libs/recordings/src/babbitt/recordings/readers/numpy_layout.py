"""What the head of a .npy file announces: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.

NumPy's own function evaluates it as Python: its tokenizer raises anything on a wrong byte, SystemError included.
"""

import re
from dataclasses import dataclass

import numpy as np

from babbitt.recordings.errors import RecordingUnreadable

_MARK = b"\x93NUMPY"
_LENGTH_BYTES = {1: 2, 2: 4}
"""By version: how long the length of the header is."""
_HEADER = re.compile(  # no blank is looked at twice: a header may be 64 KB of them
    r"\{\s*+'descr'\s*+:\s*+(?P<type>[^{}]{1,200}?),\s*+'fortran_order'\s*+:\s*+(?P<fortran>True|False)\s*+,"
    r"\s*+'shape'\s*+:\s*+\((?P<shape>[0-9L, ]{0,200})\)\s*+,?+\s*+\}\s*+"
)
_TYPE = re.compile(r"'([<>|=]?[iufbcO][0-9]{0,2})'")
_MAX_AXES = 32
"""All that any version of NumPy has."""


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
        RecordingUnreadable: of a version that is not read, damaged, or no real numbers.
    """
    version = head[len(_MARK)] if head.startswith(_MARK) and len(head) > len(_MARK) else 0
    begin = len(_MARK) + 2
    header_begin = begin + _LENGTH_BYTES.get(version, 0)
    start = header_begin + int.from_bytes(head[begin:header_begin], "little")
    header = _HEADER.fullmatch(head[header_begin:start].decode("latin-1"))
    if version not in _LENGTH_BYTES or header is None or start > len(head):
        raise RecordingUnreadable(f"{name}: no .npy file of version 1 or 2, or damaged")
    shape = tuple(int(length) for length in re.findall("[0-9]+", header["shape"]))
    dtype = _dtype(header["type"])
    if dtype is None or dtype.kind not in "iufb":
        raise RecordingUnreadable(f"{name}: holds {dtype or header['type']} of shape {shape}; real numbers are read")
    if len(shape) > _MAX_AXES:
        raise RecordingUnreadable(f"{name}: an array of {len(shape)} axes; at most {_MAX_AXES} are read")
    if 0 in shape:
        raise RecordingUnreadable(f"{name}: holds no samples: its shape is {shape}")
    return NumpyLayout(dtype, shape, header["fortran"] == "True", start)


def _dtype(written: str) -> np.dtype[np.generic] | None:
    told = _TYPE.fullmatch(written)
    try:
        return np.dtype(told[1]) if told else None
    except TypeError:
        return None
