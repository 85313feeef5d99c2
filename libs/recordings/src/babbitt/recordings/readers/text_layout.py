"""How numbers stand in a text file: told by its first lines, or by whoever knows."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from babbitt.contracts.mappings import TextFormat
from babbitt.recordings.errors import RecordingUnreadable

MAX_COLUMNS = 10_000
NO_DELIMITER = "\x1f"
"""Of a file of one column: stands in no text."""
BLANKS = " "
"""As a delimiter: any run of blanks."""

_DELIMITERS = ("\t", ";", ",", "|", BLANKS, NO_DELIMITER)
_NUMBERS = {
    mark: re.compile(
        rf"([+-]?([0-9]+({re.escape(mark)}[0-9]*)?|{re.escape(mark)}[0-9]+)(e[+-]?[0-9]+)?|nan)?", re.IGNORECASE
    )
    for mark in ".,"
}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class TextLayout:
    """Where the numbers of a text file are.

    Attributes:
        first_line: of the numbers, from 0.
        headings: of the columns; empty where they have none.
        numeric: which columns hold numbers, from 0.
        wrong_line: one of those looked at that does not fit.
    """

    encoding: str
    delimiter: str
    decimal: str
    first_line: int
    columns: int
    headings: tuple[str, ...]
    numeric: tuple[int, ...]
    wrong_line: int | None

    @property
    def doubts(self) -> tuple[bool, int, int, int]:
        """The fewer, the likelier."""
        return self.wrong_line is not None, self.first_line, self.columns - len(self.numeric), -self.columns


def layout_of(head: bytes, name: str, told: TextFormat | None = None, *, whole: bool) -> TextLayout:
    """What the beginning of a text file says of all of it.

    Args:
        head: the beginning.
        name: the file's, for messages.
        told: what is known; the rest is found out.
        whole: whether that is all of the file.

    Raises:
        RecordingUnreadable: no text, or no lines with the same number of cells, numbers among them.
    """
    told = told or TextFormat()
    encoding, text = text_of(head, name, whole=whole)
    lines = list(io.StringIO(text, newline=None))
    if not whole and len(lines) > 1:
        lines.pop()
    delimiters = (told.delimiter,) if told.delimiter else _DELIMITERS
    tried = (
        _tried(lines, encoding, delimiter, decimal, told)
        for delimiter in delimiters
        for decimal in ([told.decimal] if told.decimal else ".,")
        if told.delimiter or delimiter != decimal
    )
    found = min(filter(None, tried), key=lambda layout: layout.doubts, default=None)
    if found is None or found.wrong_line is not None:
        where = f"; line {found.wrong_line + 1} is unlike those before" if found and found.wrong_line else ""
        raise RecordingUnreadable(f"{name}: no columns of numbers{where} (it begins with {head[:12]!r})")
    if found.columns > MAX_COLUMNS:
        raise RecordingUnreadable(f"{name}: {found.columns} columns; at most {MAX_COLUMNS} are read")
    return found


def text_of(head: bytes, name: str, *, whole: bool) -> tuple[str, str]:
    """The encoding of a text file, and what its beginning says; arguments as of `layout_of`.

    Raises:
        RecordingUnreadable: no text.
    """
    encoding, text = _decoded(head, whole=whole)
    if not text or _CONTROL.search(text):
        raise RecordingUnreadable(f"{name}: no text (it begins with {head[:12]!r})")
    return encoding, text


def cells(lines: Iterable[str], delimiter: str) -> Iterator[Sequence[str]]:
    """The cells of each line; none of an empty one.

    Raises:
        csv.Error: a quoted cell that never ends.
    """
    return (line.split() for line in lines) if delimiter == BLANKS else csv.reader(lines, delimiter=delimiter)


def _decoded(head: bytes, *, whole: bool) -> tuple[str, str]:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", codecs.getincrementaldecoder("utf-16")("replace").decode(head, final=whole)
    try:
        return "utf-8-sig", codecs.getincrementaldecoder("utf-8-sig")().decode(head, final=whole)
    except UnicodeDecodeError:
        return "latin-1", head.decode("latin-1")


def _tried(lines: list[str], encoding: str, delimiter: str, decimal: str, told: TextFormat) -> TextLayout | None:
    """The numbers begin with the first line that has one, and as many cells as the last line."""
    number = _NUMBERS[decimal]
    try:
        rows = [[cell.strip() for cell in next(cells([line], delimiter), [])] for line in lines]
    except csv.Error:
        return None
    columns = next((len(row) for row in reversed(rows) if row), 0)
    start = told.skip_lines + bool(told.heading)
    beginnings = (
        at
        for at, row in islice(enumerate(rows), start, None)
        if len(row) == columns and any(cell and number.fullmatch(cell) for cell in row)
    )
    if (first := next(beginnings, None)) is None:
        return None
    texts = {column for column, cell in enumerate(rows[first]) if not number.fullmatch(cell)}
    wrong = (
        at
        for at, row in islice(enumerate(rows), first, None)
        if row and (len(row) != columns or not all(map(number.fullmatch, _but(texts, row))))
    )
    return TextLayout(
        encoding=encoding,
        delimiter=delimiter,
        decimal=decimal,
        first_line=first,
        columns=columns,
        headings=() if told.heading is False else _headings(rows[told.skip_lines : first], columns),
        numeric=tuple(column for column in range(columns) if column not in texts),
        wrong_line=next(wrong, None),
    )


def _but(left_out: set[int], row: Sequence[str]) -> Iterator[str]:
    return (cell for column, cell in enumerate(row) if column not in left_out)


def _headings(before: Sequence[Sequence[str]], columns: int) -> tuple[str, ...]:
    """The first of the lines before the numbers that has a cell for each column: units may stand below it."""
    return tuple(next((row for row in before if len(row) == columns), ()))
