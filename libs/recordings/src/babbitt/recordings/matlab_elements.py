"""The elements of a MATLAB 5 file: https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf, chapter 1.

Our own, because uploads are not trusted: SciPy's reader ends the process (a segmentation fault) on some files with one
wrong byte. Only what a vector of real numbers needs is read.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HEADER_BYTES = 128
BYTE_ORDERS = {b"IM": "<", b"MI": ">"}
"""The last bytes of the header."""
NUMERIC_CLASSES = range(6, 16)

_TAG_BYTES = 8
_INT8, _INT32, _UINT32, _MATRIX, _COMPRESSED = 1, 5, 6, 14, 15
_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_COMPLEX = 0x0800
_CLASS_NAMES = ("cell", "struct", "object", "char", "sparse")


class Damaged(ValueError):
    """The bytes are not what the format says."""


class TooLarge(ValueError):
    """There is more than may be there."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable: its class as MATLAB numbers it, its shape, and where it lies.

    `content` is what follows its name: the real part, then, where there is one, the imaginary part.
    """

    name: str
    kind: int
    is_complex: bool
    shape: tuple[int, ...]
    content: memoryview
    byte_order: str

    @property
    def described(self) -> str:
        """For messages: `struct of shape (1, 1)`."""
        if self.kind in NUMERIC_CLASSES:
            what = "complex numbers" if self.is_complex else "numbers"
        else:
            what = _CLASS_NAMES[self.kind - 1] if 1 <= self.kind <= len(_CLASS_NAMES) else f"class {self.kind}"
        return f"{what} of shape {self.shape}"

    def numbers(self) -> NDArray[np.float64]:
        """The real part, flat, in the file's order.

        Raises:
            Damaged: it is not there, or of another length than the shape says.
        """
        kind, data, _ = _element(self.content, 0, self.byte_order)
        if kind not in _NUMBERS:
            raise Damaged(f"numbers of the unknown type {kind}")
        dtype = np.dtype(self.byte_order + _NUMBERS[kind])
        if len(data) != dtype.itemsize * int(np.prod(self.shape, dtype=object)):
            raise Damaged(f"{len(data)} bytes of {dtype} where the shape is {self.shape}")
        return np.frombuffer(data, dtype).astype(np.float64)


def variables(content: bytes, room: int) -> Iterator[Variable]:
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
    while position < len(view):
        kind, data, position = _element(view, position, byte_order, padded=False)
        if kind == _COMPRESSED:
            kind, data, _ = _element(_inflated(data, room), 0, byte_order)
        room -= len(data)
        if room < 0:
            raise TooLarge
        if kind == _MATRIX:
            yield _variable(data, byte_order)


def _variable(data: memoryview, byte_order: str) -> Variable:
    kind, flags, position = _element(data, 0, byte_order)
    if kind != _UINT32 or len(flags) != 2 * 4:
        raise Damaged("a variable without its flags")
    word: int = struct.unpack_from(f"{byte_order}I", flags)[0]
    kind, dimensions, position = _element(data, position, byte_order)
    if kind != _INT32 or len(dimensions) % 4:
        raise Damaged("a variable without its shape")
    shape = struct.unpack(f"{byte_order}{len(dimensions) // 4}i", dimensions)
    kind, name, position = _element(data, position, byte_order)
    if kind != _INT8:
        raise Damaged("a variable without its name")
    text = bytes(name).decode("latin-1")
    return Variable(text, word & 0xFF, bool(word & _COMPLEX), shape, data[position:], byte_order)


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
