"""The elements of a MATLAB 5 file: https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf, chapter 1.

Our own, because uploads are not trusted: SciPy's reader ends the process (a segmentation fault) on some files with one
wrong byte. Numbers, text, structs and cells are read; objects, sparse matrices and functions are named, no more.
"""

import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from babbitt.recordings.readers.leaves import MAX_LEAVES

HEADER_BYTES = 128
BYTE_ORDERS = {b"IM": "<", b"MI": ">"}
"""The last bytes of the header."""
CELL, STRUCT, CHAR = 1, 2, 4
NUMERIC_CLASSES = range(6, 16)

_TAG_BYTES = 8
_INT8, _UINT8, _UINT16, _INT32, _UINT32, _MATRIX, _COMPRESSED = 1, 2, 4, 5, 6, 14, 15
_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_ENCODINGS = {_INT8: "latin-1", _UINT8: "latin-1", _UINT16: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
_LONGEST_NAME_BYTES, _MOST_DIMENSIONS = 1024, 32
_LARGEST_TEXT_BYTES = 1024 * 1024
_COMPLEX = 0x0800
_OPAQUE = 17
_CLASS_NAMES = {CELL: "cell", STRUCT: "struct", 3: "object", CHAR: "text", 5: "sparse", 16: "function", 17: "object"}
_NUMERIC_NAMES = (
    "float64", "float32", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64",
)  # fmt: skip


class Damaged(ValueError):
    """The bytes are not what the format says."""


class TooLarge(ValueError):
    """There is more than may be there."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """What MATLAB calls a matrix, which is everything: its class as MATLAB numbers it, its shape, and where it lies.

    `content` is what follows its name: the real part, then, where there is one, the imaginary part; what a cell holds;
    fields.
    """

    name: str
    kind: int
    is_complex: bool
    shape: tuple[int, ...]
    content: memoryview
    byte_order: str

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def holds(self) -> str:
        """For messages: `float64`, `complex numbers`, `sparse`."""
        if self.kind in NUMERIC_CLASSES:
            return "complex numbers" if self.is_complex else _NUMERIC_NAMES[self.kind - NUMERIC_CLASSES.start]
        return _CLASS_NAMES.get(self.kind, f"class {self.kind}")

    def numbers(self) -> NDArray[np.generic]:
        """The real part, in the shape that MATLAB shows.

        Raises:
            Damaged: it is not there, or of another length than the shape says.
        """
        kind, data, _ = _element(self.content, 0, self.byte_order)
        if kind not in _NUMBERS:
            raise Damaged(f"numbers of the unknown type {kind}")
        dtype = np.dtype(self.byte_order + _NUMBERS[kind])
        if len(data) != dtype.itemsize * self.size:
            raise Damaged(f"{len(data)} bytes of {dtype} where the shape is {self.shape}")
        return np.frombuffer(data, dtype).reshape(self.shape, order="F")

    def texts(self) -> Iterator[str]:
        """The rows of a matrix of characters, one at a time: there may be a million of them.

        Raises:
            Damaged: they are none, or too long.
        """
        kind, data, _ = _element(self.content, 0, self.byte_order)
        if kind not in _ENCODINGS or len(data) > _LARGEST_TEXT_BYTES:
            raise Damaged(f"{len(data)} bytes of text of type {kind}")
        encoding = _ENCODINGS[kind]
        if encoding in {"utf-16", "utf-32"}:
            encoding += "-le" if self.byte_order == "<" else "-be"
        text = bytes(data).decode(encoding, errors="replace")
        rows = self.shape[0] if self.shape else 1
        return (text[row::rows] for row in range(min(rows, len(text))))

    def elements(self) -> Iterator["Matrix"]:
        """What a cell holds.

        Raises:
            Damaged: while it goes.
        """
        position = 0
        for _ in range(self.size):
            element, position = _inner(self.content, position, self.byte_order)
            yield element

    def structs(self) -> Iterator[dict[str, "Matrix"]]:
        """The structs of an array of them, a single one included, each by field.

        Raises:
            Damaged: while it goes.
        """
        kind, length, position = _element(self.content, 0, self.byte_order)
        if kind != _INT32 or len(length) != 4:  # noqa: PLR2004 - one int32
            raise Damaged("a struct without the length of its names")
        width: int = struct.unpack(f"{self.byte_order}i", length)[0]
        kind, names, position = _element(self.content, position, self.byte_order)
        if kind != _INT8 or not 0 < width <= _LONGEST_NAME_BYTES or len(names) % width:
            raise Damaged("a struct without names")
        if (size := max(self.size, 1) * (len(names) // width)) > MAX_LEAVES:
            raise Damaged(f"{size} fields in one array of structs; at most {MAX_LEAVES} are read")
        fields = [
            bytes(names[at : at + width]).split(b"\0", 1)[0].decode("latin-1") for at in range(0, len(names), width)
        ]
        for _ in range(self.size if fields else 0):
            found: dict[str, Matrix] = {}
            for field in fields:
                found[field], position = _inner(self.content, position, self.byte_order)
            yield found


def variables(content: bytes, room: int) -> Iterator[Matrix]:
    """The variables of a file, in its order.

    Args:
        content: the file, with a header that was checked.
        room: how many bytes its variables may take, uncompressed.

    Raises:
        Damaged, TooLarge: while it goes.
    """
    byte_order = BYTE_ORDERS[content[HEADER_BYTES - 2 : HEADER_BYTES]]
    view = memoryview(content)
    position = HEADER_BYTES
    for _ in range(MAX_LEAVES):
        if position >= len(view):
            return
        kind, data, position = _element(view, position, byte_order, padded=False)
        if kind == _COMPRESSED:
            kind, data, _ = _element(_inflated(data, room), 0, byte_order)
        room -= len(data)
        if room < 0:
            raise TooLarge
        if kind == _MATRIX:
            yield _matrix(data, byte_order)
    raise Damaged(f"more than {MAX_LEAVES} variables")


def _inner(data: memoryview, position: int, byte_order: str) -> tuple[Matrix, int]:
    """A matrix within another, and where the next one begins; of an empty one not even its class is written."""
    kind, content, after = _element(data, position, byte_order)
    if kind != _MATRIX:
        raise Damaged(f"an element of type {kind} where a matrix is announced")
    empty = Matrix("", NUMERIC_CLASSES.start, False, (0, 0), content, byte_order)
    return _matrix(content, byte_order) if content else empty, after


def _matrix(data: memoryview, byte_order: str) -> Matrix:
    kind, flags, position = _element(data, 0, byte_order)
    if kind != _UINT32 or len(flags) != 2 * 4:
        raise Damaged("a variable without its flags")
    word: int = struct.unpack_from(f"{byte_order}I", flags)[0]
    shape: tuple[int, ...] = ()
    if word & 0xFF != _OPAQUE:
        kind, dimensions, position = _element(data, position, byte_order)
        if kind != _INT32 or len(dimensions) % 4 or len(dimensions) > 4 * _MOST_DIMENSIONS:
            raise Damaged("a variable without its shape")
        shape = struct.unpack(f"{byte_order}{len(dimensions) // 4}i", dimensions)
    kind, name, position = _element(data, position, byte_order)
    if kind != _INT8 or len(name) > _LONGEST_NAME_BYTES:
        raise Damaged("a variable without its name")
    if any(length < 0 for length in shape):
        raise Damaged(f"the shape {shape}")
    text = bytes(name).decode("latin-1")
    return Matrix(text, word & 0xFF, bool(word & _COMPLEX), shape, data[position:], byte_order)


def _element(data: memoryview, position: int, byte_order: str, *, padded: bool = True) -> tuple[int, memoryview, int]:
    """An element's type, its bytes, and where the next one begins."""
    if position + _TAG_BYTES > len(data):
        raise Damaged("truncated")
    kind, size = struct.unpack_from(f"{byte_order}II", data, position)
    start, step = position + _TAG_BYTES, size
    if kind >> 16:  # the short form: up to four bytes stand in the tag itself
        kind, size, start, step = kind & 0xFFFF, kind >> 16, position + 4, 0
        if size > 4:  # noqa: PLR2004 - what a tag has room for
            raise Damaged("a short element that is none")
    if start + size > len(data):
        raise Damaged(f"truncated: {size} bytes announced, {len(data) - start} there")
    after = position + _TAG_BYTES + (step + (-step % 8 if padded else 0))
    return kind, data[start : start + size], after


def _inflated(element: memoryview, room: int) -> memoryview:
    inflater = zlib.decompressobj()
    try:
        inflated = inflater.decompress(element, room + _TAG_BYTES + 1)
    except zlib.error as error:
        raise Damaged(str(error)) from error
    if len(inflated) > room + _TAG_BYTES:
        raise TooLarge
    if not inflater.eof:
        raise Damaged("truncated")
    return memoryview(inflated)
