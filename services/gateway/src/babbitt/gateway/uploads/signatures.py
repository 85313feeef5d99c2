"""What a recording's first bytes say that it is; its name says nothing."""

import re

HEAD_BYTES = 4096
"""What is looked at."""
_HDF5 = b"\x89HDF\r\n\x1a\n"
_NUMBER = rb"[ \t]*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?[ \t]*"
_NUMBERS = re.compile(rb"%s([,;\t]%s)*" % (_NUMBER, _NUMBER))
_HEADING = re.compile(rb"[\x20-\x7e\t\x80-\xff]{1,2000}")

ACCEPTED = "MATLAB 5 and 7.3, HDF5, NumPy (.npy) and CSV"


def format_of(head: bytes) -> str | None:
    """`matlab5`, `matlab73`, `hdf5`, `npy` or `csv`; None: nothing that an importer knows.

    Args:
        head: the file's first `HEAD_BYTES`, or all of a shorter one.
    """
    if head.startswith(b"MATLAB 7.3 MAT-file") and _HDF5 in head:
        return "matlab73"
    if head[124:128] in {b"\x00\x01IM", b"\x01\x00MI"}:
        return "matlab5"
    if head.startswith(_HDF5):
        return "hdf5"
    if head.startswith(b"\x93NUMPY") and head[6:7] in {b"\x01", b"\x02", b"\x03"}:
        return "npy"
    return "csv" if _is_csv(head) else None


def _is_csv(head: bytes) -> bool:
    """One line of numbers, or a heading and then one; the last line of a long head may be cut and is not looked at."""
    lines = head.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").split(b"\n")
    if len(head) >= HEAD_BYTES:
        lines = lines[:-1]
    if not lines or not _HEADING.fullmatch(lines[0]):
        return False
    rows = [line for line in lines if line]
    return _NUMBERS.fullmatch(rows[0]) is not None or (len(rows) > 1 and _NUMBERS.fullmatch(rows[1]) is not None)
