"""MATLAB 7.3 files: HDF5, with MATLAB's classes in attributes and what is nested behind references.

https://www.mathworks.com/help/matlab/import_export/mat-file-versions.html says no more than that it is HDF5; the rest
is as such files have it. For a process of its own, as all HDF5.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.readers.hdf5_datasets import dataset_leaf, other_leaf
from babbitt.recordings.readers.leaves import MAX_DEPTH, MAX_LEAVES, Index, Leaf
from babbitt.recordings.readers.matlab_names import LABEL, MatlabName

_NUMERIC = {
    "double", "single", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "logical",
}  # fmt: skip
_LONGEST_TEXT = 1024 * 1024


def leaves(path: Path, name: str) -> Iterator[Leaf]:
    """Numbers and texts, those in structs, arrays of structs and cells included. The file stays open.

    Raises:
        RecordingUnreadable: more than may be there, or nested in itself.
    """
    file = h5py.File(path, "r", locking=False)
    walk = _Walk(name, file)
    for variable in map(str, file):
        if not variable.startswith("#"):  # #refs# and #subsystem#: what references point to
            yield from walk.member(file, variable, MatlabName.of(variable), 0)


class _Walk:
    """Through what a file nests, within bounds."""

    def __init__(self, name: str, file: h5py.File) -> None:
        self._name = name
        self._file = file
        self._seen = 0

    def member(self, group: h5py.Group, member: str, called: MatlabName, depth: int) -> Iterator[Leaf]:
        if isinstance(group.get(member, getlink=True), h5py.HardLink):
            yield from self._under(group[member], called, depth)
        else:
            yield other_leaf(called.names, "a link, which is not followed")

    def _under(self, held: object, called: MatlabName, depth: int) -> Iterator[Leaf]:
        self._seen += 1
        if self._seen > MAX_LEAVES or depth > MAX_DEPTH:
            raise RecordingUnreadable(
                f"{self._name}: over {MAX_LEAVES} variables, nested over {MAX_DEPTH} deep, or one in itself"
            )
        if isinstance(held, h5py.Group) and _class_of(held) in {"struct", ""}:
            yield from self._structs(held, called, depth)
        elif isinstance(held, h5py.Dataset) and _class_of(held) == "cell":
            elements = self._referred(held)
            for element, name in zip(elements, called.elements([None] * len(elements)), strict=True):
                yield from self._under(element, name, depth + 1)
        elif isinstance(held, h5py.Dataset):
            yield _leaf(held, called.names)
        else:
            yield other_leaf(called.names, "what only MATLAB reads")

    def _structs(self, group: h5py.Group, called: MatlabName, depth: int) -> Iterator[Leaf]:
        """One struct, or an array of them: each field then is a dataset of references that has no class itself."""
        fields = list(map(str, group))
        arrays = {
            field: self._referred(array) for field in fields if (array := self._array_of(group, field)) is not None
        }
        if len(arrays) != len(fields):
            for field in fields:
                yield from self.member(group, field, called.field(field), depth + 1)
            return
        count = max(map(len, arrays.values()), default=0)
        labels = [_text(label) for label in arrays.get(LABEL, [None] * count)]
        for field, elements in arrays.items():
            for element, name in zip(elements, called.elements(labels), strict=False):
                yield from self._under(element, name.field(field), depth + 1)

    def _array_of(self, group: h5py.Group, field: str) -> h5py.Dataset | None:
        held = group[field] if isinstance(group.get(field, getlink=True), h5py.HardLink) else None
        if not isinstance(held, h5py.Dataset) or not h5py.check_ref_dtype(held.dtype) or _class_of(held):
            return None
        return held

    def _referred(self, references: h5py.Dataset) -> list[Any]:
        """What a dataset of references points to, in MATLAB's order."""
        if (
            math.prod(references.shape or ()) > MAX_LEAVES
            or h5py.check_ref_dtype(references.dtype) is not h5py.Reference
        ):
            raise RecordingUnreadable(f"{self._name}: {references.name} holds no references, or over {MAX_LEAVES}")
        return [self._file[reference] for reference in references[()].reshape(-1)]


def _leaf(dataset: h5py.Dataset, names: tuple[str, ...]) -> Leaf:
    """MATLAB's arrays lie transposed."""
    stored, class_ = dataset_leaf(names, dataset), _class_of(dataset)
    shape = stored.shape[::-1]
    if "MATLAB_empty" in dataset.attrs:
        return other_leaf(names, "nothing")
    if class_ == "char" and stored.kind == "numbers":
        return Leaf(names, shape, "text", "text", lambda _: np.array([_text(dataset)], dtype=object))
    if stored.kind != "numbers" or class_ not in _NUMERIC:
        return other_leaf(names, stored.holds if stored.kind == "other" else f"MATLAB's {class_ or 'nothing'}", shape)

    def read(index: Index) -> NDArray[Any]:
        return np.asarray(dataset[index[::-1]]).T

    return Leaf(names, shape, stored.holds, "numbers", read)


def _class_of(held: h5py.Group | h5py.Dataset) -> str:
    class_ = held.attrs.get("MATLAB_class", b"")
    return class_.decode(errors="replace") if isinstance(class_, bytes) else str(class_)


def _text(held: object) -> str | None:
    """A row of characters, which are numbers of UTF-16."""
    if not isinstance(held, h5py.Dataset) or _class_of(held) != "char" or dataset_leaf((), held).kind != "numbers":
        return None
    if math.prod(held.shape or ()) > _LONGEST_TEXT:
        return None
    return np.asarray(held[()], dtype="<u2").tobytes().decode("utf-16-le", errors="replace")
