"""What a file's first bytes say that it is: what no importer reads is refused before the rest of it has come."""

from typing import Literal

from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.matlab import check_matlab
from babbitt.recordings.samples import checked, csv_column, numpy_layout

type Format = Literal["matlab5", "npy", "csv"]

HEAD_BYTES = 4096
"""What is looked at."""
IMPORTED = (
    "MATLAB 5 (what MATLAB saves by -v6 and -v7), NumPy (.npy of version 1 or 2 with one vector of real numbers) and "
    "CSV (one column of numbers)"
)


def format_of(head: bytes, name: str) -> Format:
    """What the file is, as far as its beginning tells.

    Args:
        head: the file's first `HEAD_BYTES`, or all of a shorter one.
        name: what messages call it; its ending says nothing.

    Raises:
        RecordingUnreadable: nothing that is imported.
    """
    if head.startswith(b"MATLAB"):
        check_matlab(head, name)
        return "matlab5"
    if head.startswith(b"\x93NUMPY"):
        _, size, _ = numpy_layout(head, name)
        if size == 0:
            raise RecordingUnreadable(f"{name}: holds no samples")
        return "npy"
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        raise RecordingUnreadable(f"{name}: an HDF5 file")
    whole = head if len(head) < HEAD_BYTES else b"\n".join(head.splitlines()[:-1])
    try:
        checked(csv_column(whole, name), name)
    except RecordingUnreadable as error:
        raise RecordingUnreadable(f"{error} (it begins with {head[:12]!r})") from error
    return "csv"
