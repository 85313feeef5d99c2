"""CSV, TSV and other tables of numbers in text."""

import csv
from collections.abc import Iterator
from functools import cached_property, partial
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.mappings import TextFormat
from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.readers.leaves import MAX_VALUES, Index, Leaf
from babbitt.recordings.readers.text_layout import BLANKS, TextLayout, cells, layout_of

HEAD_BYTES = 64 * 1024
_PIECE_BYTES = 1024 * 1024


def text_leaves(path: Path, name: str, told: TextFormat | None) -> list[Leaf]:
    """The columns, by heading and by number; how many values they hold follows from the lines there are.

    Raises:
        RecordingUnreadable: it is no table of numbers.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        layout = layout_of(head, name, told, whole=len(head) < HEAD_BYTES)
        file.seek(0)
        end = b"\n" if b"\n" in head or b"\r" not in head else b"\r"
        lines = sum(piece.count(end) for piece in iter(partial(file.read, _PIECE_BYTES), b""))
    table, rows = _Table(path, name, layout), max(lines - layout.first_line, 1)
    return [table.column(number, rows) for number in range(layout.columns)]


class _Table:
    """The numbers of a text file."""

    def __init__(self, path: Path, name: str, layout: TextLayout) -> None:
        self._path = path
        self._name = name
        self._layout = layout

    def column(self, number: int, rows: int) -> Leaf:
        heading = self._layout.headings[number] if self._layout.headings else ""
        names = (heading, f"#{number + 1}") if heading else (f"#{number + 1}",)
        if number not in self._layout.numeric:
            return Leaf(names, (rows,), "text", "other", lambda _: np.empty(0))
        return Leaf(names, (rows,), "float64", "numbers", partial(self._read, number))

    def _read(self, number: int, index: Index) -> NDArray[np.float64]:
        if self._all is None:
            return self._exact(number)[index]
        return self._all[self._layout.numeric.index(number)][index]

    @cached_property
    def _all(self) -> NDArray[np.float64] | None:
        """All columns of numbers, read at once; None where one of them holds something else further down."""
        layout, columns = self._layout, len(self._layout.numeric)
        if layout.decimal == layout.delimiter:
            return None
        most = MAX_VALUES // columns
        for converter in (None, _number_or_gap):  # the first is three times as fast, and knows no gaps
            try:
                table = np.loadtxt(
                    islice(self._lines_with_points(), most + 1),
                    delimiter=None if layout.delimiter == BLANKS else layout.delimiter,
                    usecols=layout.numeric,
                    converters=converter,
                    quotechar='"',
                    comments=None,
                    ndmin=2,
                )
            except ValueError:
                continue
            if len(table) > most:
                raise self._too_long(most)
            return table.T
        return None

    def _exact(self, number: int) -> NDArray[np.float64]:
        try:
            values = np.fromiter(islice(self._values(number), MAX_VALUES + 1), np.float64)
        except (ValueError, csv.Error) as error:
            raise RecordingUnreadable(f"{self._name}: {error}") from error
        if len(values) > MAX_VALUES:
            raise self._too_long(MAX_VALUES)
        return values

    def _values(self, number: int) -> Iterator[float]:
        mark = self._layout.decimal
        lines = enumerate(cells(self._lines(), self._layout.delimiter), self._layout.first_line + 1)
        for line, row in lines:
            if not row:
                continue
            if number >= len(row):
                raise ValueError(f"line {line} has {len(row)} cells, {self._layout.columns} are read")
            cell = row[number].strip()
            try:
                yield float(cell if mark == "." else cell.replace(mark, ".")) if cell else np.nan
            except ValueError:
                raise ValueError(f"line {line}: {cell[:40]!r} is no number (column {number + 1})") from None

    def _lines_with_points(self) -> Iterator[str]:
        mark = self._layout.decimal
        return self._lines() if mark == "." else (line.replace(mark, ".") for line in self._lines())

    def _lines(self) -> Iterator[str]:
        with self._path.open(encoding=self._layout.encoding) as stream:
            yield from islice(stream, self._layout.first_line, None)

    def _too_long(self, most: int) -> RecordingUnreadable:
        return RecordingUnreadable(f"{self._name}: more than {most} lines; {MAX_VALUES} numbers are read at once")


def _number_or_gap(cell: str) -> float:
    return float(cell) if cell and not cell.isspace() else np.nan
