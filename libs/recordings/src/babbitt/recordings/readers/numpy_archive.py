"""NumPy's archives (.npz). For a process of its own: their directory alone may be a bomb."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

import numpy as np
from numpy.typing import NDArray

from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.readers.leaves import MAX_LEAVES, MAX_VALUES, Index, Leaf
from babbitt.recordings.readers.numpy_layout import NumpyLayout, numpy_layout

_HEAD_BYTES = 16 * 1024


def leaves(path: Path, name: str) -> Iterator[Leaf]:
    """The arrays, by their name. The archive stays open.

    Raises:
        RecordingUnreadable: more than may be there.
    """
    archive = ZipFile(path)
    members = archive.infolist()
    if len(members) > MAX_LEAVES:
        raise RecordingUnreadable(f"{name}: {len(members)} arrays; at most {MAX_LEAVES} are read")
    return (_leaf(archive, member, name) for member in members)


def _leaf(archive: ZipFile, member: ZipInfo, name: str) -> Leaf:
    called = member.filename.removesuffix(".npy")
    with archive.open(member) as file:
        head = file.read(_HEAD_BYTES)
    try:
        layout = numpy_layout(head, name)
    except RecordingUnreadable as error:
        return Leaf((called,), (), f"what is not read ({error})", "other", lambda _: np.empty(0))

    def read(index: Index) -> NDArray[Any]:
        return _array(archive, member, layout, name)[index]

    return Leaf((called,), layout.shape, layout.dtype.name, "numbers", read)


def _array(archive: ZipFile, member: ZipInfo, layout: NumpyLayout, name: str) -> NDArray[Any]:
    size = math.prod(layout.shape)
    if size > MAX_VALUES:
        raise RecordingUnreadable(f"{name}: {member.filename} has {size} values; at most {MAX_VALUES} are read at once")
    with archive.open(member) as file:
        file.read(layout.start)
        data = file.read(size * layout.dtype.itemsize)
    if len(data) < size * layout.dtype.itemsize:
        raise RecordingUnreadable(f"{name}: {member.filename} is truncated: {size} values announced")
    order = "F" if layout.fortran_order else "C"
    return np.frombuffer(data, layout.dtype).reshape(layout.shape, order=order)
