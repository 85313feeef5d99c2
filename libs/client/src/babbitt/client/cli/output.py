"""What a command prints: a table for people, JSON for programs."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

PIPED_COLUMNS = 10_000
"""Width of a table that no terminal bounds."""

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@dataclass(frozen=True, slots=True)
class Column[T]:
    """One column of a table: its heading and what stands in it."""

    heading: str
    of: Callable[[T], object]
    right: bool = False


def console(*, stderr: bool = False) -> Console:
    """Where people read; made when it is needed, so that it writes to the streams of that moment."""
    return Console(stderr=stderr, highlight=False)


def print_json(content: Any) -> None:
    """One line of JSON."""
    typer.echo(json.dumps(_plain(content), ensure_ascii=False, allow_nan=False))


def print_list[T](items: Iterable[T], columns: Sequence[Column[T]], *, as_json: bool) -> None:
    """A table with a row an item, or a JSON array."""
    if as_json:
        print_json(list(items))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.heading, justify="right" if column.right else "left", overflow="fold")
    for item in items:
        table.add_row(*(cell(column.of(item)) for column in columns))
    _print(table)


def print_one[T](item: T, columns: Sequence[Column[T]], *, as_json: bool) -> None:
    """A line a column, those without a value left out; or a JSON object with all fields."""
    if as_json:
        print_json(item)
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for column in columns:
        if (value := column.of(item)) not in {None, ""}:
            table.add_row(column.heading, cell(value))
    _print(table)


def _print(table: Table) -> None:
    """A table as wide as the terminal; elsewhere every row is one line, however long."""
    out = console()
    if not out.is_terminal:
        out.width = PIPED_COLUMNS
    with out.capture() as captured:
        out.print(table)
    for line in captured.get().splitlines():
        typer.echo(line.rstrip())


def shown(value: float | None, how: str) -> str:
    """A number in this format; empty where there is none."""
    return "" if value is None else format(value, how)


def size(size_bytes: int | None) -> str | None:
    """Bytes as people read them."""
    return None if size_bytes is None else decimal(size_bytes)


def cell(value: object) -> str:
    """A value as people read it; numbers with four significant digits, times in the reader's zone."""
    match value:
        case None | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.4g}"
        case datetime():
            return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        case _:
            return str(value)


def _plain(content: object) -> object:
    match content:
        case BaseModel():
            return content.model_dump(mode="json")
        case list() | tuple():
            return [_plain(item) for item in content]
        case Mapping():
            return {str(name): _plain(value) for name, value in content.items()}
        case _:
            return content
