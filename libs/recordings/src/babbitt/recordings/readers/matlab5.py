"""MATLAB 5 files: what MATLAB saves by `-v6` and `-v7`."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.formats import check_matlab
from babbitt.recordings.readers.deadline import Deadline
from babbitt.recordings.readers.leaves import MAX_DEPTH, MAX_LEAVES, Index, Leaf
from babbitt.recordings.readers.matlab5_elements import (
    CELL,
    CHAR,
    NUMERIC_CLASSES,
    STRUCT,
    Damaged,
    Matrix,
    TooLarge,
    variables,
)
from babbitt.recordings.readers.matlab_names import LABEL, MatlabName

MAX_CONTENT_BYTES = 512 * 1024 * 1024
"""What the variables of one file may take, uncompressed."""


def matlab5_leaves(path: Path, name: str, deadline: Deadline) -> list[Leaf]:
    """Numbers and texts, those in structs, arrays of structs and cells included.

    Raises:
        RecordingUnreadable: damaged, larger than `MAX_CONTENT_BYTES` when uncompressed, nested without end, or not
            read in time.
    """
    content = path.read_bytes()
    check_matlab(content, name)
    walk = _Walk(name, deadline)
    try:
        # What has no name belongs to the objects of the file: only MATLAB reads it.
        named = (matrix for matrix in variables(content, MAX_CONTENT_BYTES) if matrix.name)
        return [leaf for matrix in named for leaf in walk.leaves(matrix)]
    except Damaged as error:
        raise RecordingUnreadable(f"{name}: damaged MATLAB 5 file: {error}") from error
    except TooLarge as error:
        raise RecordingUnreadable(f"{name}: its variables take more than {MAX_CONTENT_BYTES} bytes") from error


class _Walk:
    """Through what a file nests, within bounds."""

    def __init__(self, name: str, deadline: Deadline) -> None:
        self._name = name
        self._deadline = deadline
        self._seen = 0

    def leaves(self, variable: Matrix) -> Iterator[Leaf]:
        return self._under(variable, MatlabName.of(variable.name), 0)

    def _under(self, matrix: Matrix, called: MatlabName, depth: int) -> Iterator[Leaf]:
        self._deadline.check()
        self._seen += 1
        if self._seen > MAX_LEAVES or depth > MAX_DEPTH:
            raise RecordingUnreadable(f"{self._name}: over {MAX_LEAVES} variables, or nested over {MAX_DEPTH} deep")
        if matrix.kind == STRUCT:
            structs = self._counted(matrix.structs())
            labels = [_label(struct.get(LABEL)) for struct in structs]
            names = [called] * len(structs) if matrix.size == 1 else called.elements(labels)
            for struct, name in zip(structs, names, strict=True):
                for field, held in struct.items():
                    yield from self._under(held, name.field(field), depth + 1)
        elif matrix.kind == CELL:
            elements = self._counted(matrix.elements())
            for element, name in zip(elements, called.elements([None] * len(elements)), strict=True):
                yield from self._under(element, name, depth + 1)
        else:
            yield self._leaf(matrix, called.names)

    def _counted[Held](self, held: Iterator[Held]) -> list[Held]:
        """All of them, or one more than there may be: the walk ends there."""
        return list(islice(held, MAX_LEAVES + 1))

    def _leaf(self, matrix: Matrix, names: tuple[str, ...]) -> Leaf:
        def read(index: Index) -> NDArray[Any]:
            try:
                return np.array(list(matrix.texts()))[index[:1]] if matrix.kind == CHAR else matrix.numbers()[index]
            except Damaged as error:
                raise RecordingUnreadable(f"{self._name}: variable {names[0]} is damaged: {error}") from error

        if matrix.kind == CHAR:
            return Leaf(names, matrix.shape, matrix.holds, "text", read)
        real = matrix.kind in NUMERIC_CLASSES and not matrix.is_complex
        return Leaf(names, matrix.shape, matrix.holds, "numbers" if real else "other", read)


def _label(matrix: Matrix | None) -> str | None:
    """The text that a struct is called by, if it has one."""
    if matrix is None or matrix.kind != CHAR:
        return None
    return next(matrix.texts(), None)
