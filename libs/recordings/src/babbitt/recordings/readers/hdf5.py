"""HDF5 files. For a process of its own: the library may crash on damaged ones."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import h5py

from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.readers.hdf5_datasets import attribute_leaf, dataset_leaf, other_leaf
from babbitt.recordings.readers.leaves import MAX_DEPTH, MAX_LEAVES, Leaf


def leaves(path: Path, name: str) -> Iterator[Leaf]:
    """The datasets, by their path, and the attributes, as `path@attribute`. The file stays open.

    Links to elsewhere are named and not followed.

    Raises:
        RecordingUnreadable: more than may be there, or groups that hold themselves.
    """
    walk, file = _Walk(name), h5py.File(path, "r", locking=False)
    return chain(walk.attributes(file, ""), walk.under(file, "", 0))


class _Walk:
    """Through the groups of a file, within bounds."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._seen = 0

    def under(self, group: h5py.Group, prefix: str, depth: int) -> Iterator[Leaf]:
        if depth > MAX_DEPTH:
            raise RecordingUnreadable(f"{self._name}: groups nested over {MAX_DEPTH} deep, or one in itself")
        for member in group:
            self._count()
            called = f"{prefix}{member}"
            if not isinstance(link := group.get(member, getlink=True), h5py.HardLink):
                yield other_leaf((called,), f"a link that is not followed ({type(link).__name__})")
                continue
            match group[member]:
                case h5py.Group() as inner:
                    yield from self.attributes(inner, called)
                    yield from self.under(inner, f"{called}/", depth + 1)
                case h5py.Dataset() as dataset:
                    yield dataset_leaf((called,), dataset)
                    yield from self.attributes(dataset, called)
                case _:
                    yield other_leaf((called,), "a type")

    def attributes(self, holder: h5py.Group | h5py.Dataset, prefix: str) -> Iterator[Leaf]:
        for attribute in holder.attrs:
            self._count()
            yield attribute_leaf((f"{prefix}@{attribute}",), holder.attrs, attribute)

    def _count(self) -> None:
        self._seen += 1
        if self._seen > MAX_LEAVES:
            raise RecordingUnreadable(f"{self._name}: over {MAX_LEAVES} groups and datasets, or one in itself")
