"""What a file's first bytes say that it is: what no importer reads is refused before the rest of it has come."""

from collections.abc import Callable, Mapping
from typing import Literal

from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.readers.numpy_layout import numpy_layout
from babbitt.recordings.readers.reader import Format
from babbitt.recordings.readers.text_layout import text_of

MAX_FILE_BYTES = 256 * 1024 * 1024
"""Of a file that is imported."""
HEAD_BYTES = 64 * 1024
"""What is looked at; how a table of text is laid out is found there, too."""
IMPORTED = "MATLAB (5 and 7.3), HDF5, CSV and TSV, WAV, NumPy (.npy and .npz) and Parquet"

_MATLAB_HEADER_BYTES = 128
_BYTE_ORDERS = (b"IM", b"MI")
_ZIP_HEADER_BYTES = 30


def format_of(head: bytes, name: str) -> Format:
    """What the file is, as far as its beginning tells. Of text, whether it is a table is told by its reader alone.

    Args:
        head: the file's first `HEAD_BYTES`, or all of a shorter one.
        name: what messages call it; its ending says nothing.

    Raises:
        RecordingUnreadable: nothing that is imported.
    """
    for mark, told in _MARKS.items():
        if head.startswith(mark):
            return told(head, name)
    text_of(head, name, whole=len(head) < HEAD_BYTES)
    return "csv"


def check_matlab(head: bytes, name: str) -> Literal["matlab5", "matlab73"]:
    """Let the first bytes of a MATLAB file pass.

    Raises:
        RecordingUnreadable: of another version, or damaged.
    """
    if head[_MATLAB_HEADER_BYTES - 2 : _MATLAB_HEADER_BYTES] not in _BYTE_ORDERS:
        raise RecordingUnreadable(f"{name}: damaged MATLAB file: no mark of the byte order")
    if head.startswith(b"MATLAB 5"):
        return "matlab5"
    if head.startswith(b"MATLAB 7.3"):
        return "matlab73"
    raise RecordingUnreadable(f"{name}: a MATLAB file of a version that is not read ({head[:10]!r}); 5 and 7.3 are")


def _array(head: bytes, name: str) -> Literal["npy"]:
    numpy_layout(head, name)
    return "npy"


def _sound(head: bytes, name: str) -> Literal["wav"]:
    if head[8:12] != b"WAVE":
        raise RecordingUnreadable(f"{name}: RIFF, but no WAV file (it begins with {head[:12]!r})")
    return "wav"


def _archive(head: bytes, name: str) -> Literal["npz"]:
    """NumPy's where its first member is an array."""
    length = int.from_bytes(head[26:28], "little")
    member = head[_ZIP_HEADER_BYTES : _ZIP_HEADER_BYTES + length]
    if not member.endswith(b".npy"):
        raise RecordingUnreadable(f"{name}: a ZIP archive (PK), but none of NumPy: unpack it first")
    return "npz"


_MARKS: Mapping[bytes, Callable[[bytes, str], Format]] = {
    b"MATLAB": check_matlab,
    b"\x93NUMPY": _array,
    b"\x89HDF\r\n\x1a\n": lambda _head, _name: "hdf5",
    b"PAR1": lambda _head, _name: "parquet",
    b"RIFF": _sound,
    b"PK\x03\x04": _archive,
}
