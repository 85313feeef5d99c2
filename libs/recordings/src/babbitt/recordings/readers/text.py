"""CSV, TSV and other tables of numbers in text."""

import csv
from array import array
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from itertools import batched, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.mappings import TextFormat
from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.formats import HEAD_BYTES
from babbitt.recordings.readers.deadline import Deadline
from babbitt.recordings.readers.leaves import MAX_VALUES, Index, Leaf
from babbitt.recordings.readers.text_layout import BLANKS, TextLayout, cells, layout_of

_PIECE_BYTES = 1024 * 1024
_LINES_AT_ONCE = 100
_MAX_LINE = 4 * HEAD_BYTES
"""In characters. The lines by which a table is told are shorter: the first 64 KB have to show some."""
_NO_NUMBER = "\x7f"
"""Stands in no number, and delimits nothing."""

type _Converters = dict[int | str, Callable[[str], float]]


def text_leaves(path: Path, name: str, told: TextFormat | None, deadline: Deadline) -> list[Leaf]:
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
    table, rows = _Table(path, name, layout, deadline), max(lines - layout.first_line, 1)
    return [table.column(number, rows) for number in range(layout.columns)]


class _Table:
    """The numbers of a text file: read once, all columns of them, when the first is asked for."""

    def __init__(self, path: Path, name: str, layout: TextLayout, deadline: Deadline) -> None:
        self._path = path
        self._name = name
        self._layout = layout
        self._deadline = deadline

    def column(self, number: int, rows: int) -> Leaf:
        heading = self._layout.headings[number] if self._layout.headings else ""
        names = (heading, f"#{number + 1}") if heading else (f"#{number + 1}",)
        if number not in self._layout.numeric:
            return Leaf(names, (rows,), "text", "other", lambda _: np.empty(0))
        return Leaf(names, (rows,), "float64", "numbers", partial(self._read, number))

    def _read(self, number: int, index: Index) -> NDArray[np.float64]:
        values = self._columns[number]
        if isinstance(values, str):
            raise RecordingUnreadable(f"{self._name}: {values}")
        return values[index]

    @cached_property
    def _columns(self) -> Mapping[int, NDArray[np.float64] | str]:
        """The numbers of each column, or what is wrong with one of them."""
        table = self._table()
        return self._exact() if table is None else {number: table[:, number] for number in self._layout.numeric}

    def _table(self) -> NDArray[np.float64] | None:
        """All columns, NaN for those of text; None where a line does not fit or a cell is no number."""
        layout = self._layout
        if layout.decimal == layout.delimiter:
            return None
        most = MAX_VALUES // layout.columns
        texts: _Converters = dict.fromkeys(set(range(layout.columns)) - set(layout.numeric), _nothing)
        gaps: _Converters = dict.fromkeys(layout.numeric, _number_or_gap)
        for converters in (texts, texts | gaps):  # the first is three times as fast, and knows no gaps
            try:
                # Without `usecols`: of a line with more cells than those it would take the first, and say nothing.
                table = np.loadtxt(
                    islice(self._lines_with_points(), most + 1),
                    delimiter=None if layout.delimiter == BLANKS else layout.delimiter,
                    converters=converters,
                    quotechar='"',
                    comments=None,
                    ndmin=2,
                )
            except ValueError:
                continue
            if len(table) > most:
                raise self._too_long(most)
            return table
        return None

    def _exact(self) -> Mapping[int, NDArray[np.float64] | str]:
        """Cell by cell: slower, and able to tell what is wrong, and where."""
        layout = self._layout
        most, mark = MAX_VALUES // layout.columns, layout.decimal
        values = {number: array("d") for number in layout.numeric}
        wrong: dict[int, str] = {}
        lines = enumerate(cells(self._lines(), layout.delimiter), layout.first_line + 1)
        try:
            for count, (line, row) in enumerate((one for one in lines if one[1]), 1):
                if count > most:
                    raise self._too_long(most)
                if len(row) != layout.columns:
                    return dict.fromkeys(values, f"line {line} has {len(row)} cells, {layout.columns} are read")
                for number in values.keys() - wrong.keys() if wrong else values:
                    cell = row[number].strip()
                    try:
                        values[number].append(_number_or_gap(_with_points(cell, mark)))
                    except ValueError:
                        wrong[number] = f"line {line}: {cell[:40]!r} is no number (column {number + 1})"
        except (ValueError, csv.Error) as error:
            return dict.fromkeys(values, str(error))
        return {number: wrong.get(number) or np.frombuffer(column) for number, column in values.items()}

    def _lines_with_points(self) -> Iterator[str]:
        mark = self._layout.decimal
        return self._lines() if mark == "." else (_with_points(line, mark) for line in self._lines())

    def _lines(self) -> Iterator[str]:
        with self._path.open(encoding=self._layout.encoding) as stream:
            lines = islice(iter(partial(stream.readline, _MAX_LINE), ""), self._layout.first_line, None)
            for number, some in enumerate(batched(lines, _LINES_AT_ONCE)):
                self._deadline.check()
                if _MAX_LINE in map(len, some):
                    line = self._layout.first_line + number * _LINES_AT_ONCE + [*map(len, some)].index(_MAX_LINE) + 1
                    raise RecordingUnreadable(f"{self._name}: line {line} has over {_MAX_LINE - 1} characters")
                yield from some

    def _too_long(self, most: int) -> RecordingUnreadable:
        return RecordingUnreadable(f"{self._name}: more than {most} lines; {MAX_VALUES} numbers are read at once")


def _with_points(text: str, mark: str) -> str:
    """For decimal points; where another mark is the decimals', a point makes no number."""
    return text if mark == "." else text.replace(".", _NO_NUMBER).replace(mark, ".")


def _number_or_gap(cell: str) -> float:
    """`float` would take the digits of other scripts, and 1_000."""
    if not (cell := cell.strip()):
        return np.nan
    if "_" in cell or not cell.isascii():
        raise ValueError(cell)
    return float(cell)


def _nothing(_: str) -> float:
    return np.nan
