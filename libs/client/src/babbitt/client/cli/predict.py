"""`babbitt predict`: what recordings mean."""

import csv
import io
import time
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from pydantic import BaseModel

from babbitt.client.api.predictions import Prediction
from babbitt.client.cli.bearing_option import FORM, geometry_of
from babbitt.client.cli.exit_codes import ERROR
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.output import Column, print_json, print_list
from babbitt.client.errors import InvalidRequest
from babbitt.recordings.errors import RecordingError, RecordingUnreadable
from babbitt.recordings.formats import IMPORTED
from babbitt.recordings.samples import read_samples


class Format(StrEnum):
    """How answers are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Answered(BaseModel):
    """A file and what it means. `latency_ms`: from sending it to having the answer."""

    file: str
    latency_ms: float
    prediction: Prediction


COLUMNS: tuple[Column[Answered], ...] = (
    Column("file", lambda one: one.file),
    Column("fault", lambda one: one.prediction.fault),
    Column("confidence", lambda one: f"{one.prediction.confidence:.4f}", right=True),
    Column("set", lambda one: _set(one.prediction)),
    Column("coverage", lambda one: one.prediction.coverage, right=True),
    Column("novel", lambda one: one.prediction.novel),
    Column("windows", lambda one: one.prediction.windows, right=True),
    Column("version", lambda one: one.prediction.model.version, right=True),
    Column("ms", lambda one: f"{one.latency_ms:.1f}", right=True),
    Column("warnings", lambda one: "; ".join(one.prediction.warnings)),
)
_TOLD_BY_SOME = ("set", "coverage", "novel")
"""Columns that stand only where a model tells them."""


def predict(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help=f"Recordings: {IMPORTED}.", exists=True, dir_okay=False, readable=True),
    ],
    model: Annotated[str, typer.Option(help="Name of the model, or NAME@ALIAS, or NAME@VERSION.")],
    rate: Annotated[
        float | None,
        typer.Option(metavar="HZ", help="Sampling rate of the recordings; WAV files say it themselves.", min=1e-3),
    ] = None,
    variable: Annotated[
        str, typer.Option(metavar="PATTERN", help="Name, or pattern, of the variable that holds the samples.")
    ] = "*",
    shaft_speed_hz: Annotated[float | None, typer.Option(metavar="HZ", help="Revolutions a second.")] = None,
    bearing: Annotated[
        str | None,
        typer.Option(
            metavar=FORM, help="The bearing, where the model reads its fault orders and knows none; JSON too."
        ),
    ] = None,
    machine: Annotated[str | None, typer.Option(help="Where the recordings are from, for the history.")] = None,
    format_: Annotated[Format, typer.Option("--format", help="How answers are printed.")] = Format.TABLE,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Ask a model what recordings mean.

    Example: babbitt predict 105.mat 118.mat --model cwru --rate 12000 --variable 'X*_DE_time'
    """
    failed: list[Path] = []
    geometry = geometry_of(bearing) if bearing else None

    def answers() -> Iterator[Answered]:
        for file in files:
            try:
                samples, rate_hz = _read(file, variable, rate)
                started = time.perf_counter()
                prediction = babbitt.predict(
                    model, samples, sampling_rate_hz=rate_hz, shaft_speed_hz=shaft_speed_hz, bearing=geometry,
                    machine=machine,
                )  # fmt: skip
            except (InvalidRequest, RecordingError) as error:
                failed.append(file)  # this one is wrong; the others may be right
                wrong = error if isinstance(error, RecordingError) else f"{file}: {error}"
                typer.echo(f"babbitt: {wrong}", err=True)
                continue
            latency_ms = 1000 * (time.perf_counter() - started)
            yield Answered(file=str(file), latency_ms=latency_ms, prediction=prediction)

    with connect(context) as babbitt:
        match Format.JSON if as_json else format_:
            case Format.JSON:
                print_json(list(answers()))
            case Format.CSV:
                _print_csv(answers())
            case Format.TABLE:
                found = list(answers())
                print_list(found, [column for column in COLUMNS if _stands(column, found)], as_json=False)
    if failed:
        raise typer.Exit(ERROR)


def _read(file: Path, variable: str, rate_hz: float | None) -> tuple[NDArray[np.float64], float]:
    """The samples of a file and their rate: as told, else as the file says."""
    channel = read_samples(file, str(file), variable)
    if (known_hz := rate_hz or channel.sampling_rate_hz) is None:
        raise RecordingUnreadable(f"{file}: does not say its sampling rate: give it by --rate")
    return channel.samples, known_hz


def _stands(column: Column[Answered], found: Sequence[Answered]) -> bool:
    return column.heading not in _TOLD_BY_SOME or any(column.of(one) is not None for one in found)


def _set(prediction: Prediction) -> str | None:
    if prediction.prediction_set is None:
        return None
    return ", ".join(prediction.prediction_set) or "none"


def _print_csv(answers: Iterator[Answered]) -> None:
    """A heading and a line a file, at once when its answer is there."""
    typer.echo("file,fault,confidence,windows,model,version,latency_ms,prediction_set,coverage,novel")
    for one in answers:
        line = io.StringIO()
        said = one.prediction
        csv.writer(line, lineterminator="").writerow(
            [one.file, said.fault, said.confidence, said.windows, said.model.name, said.model.version,
             round(one.latency_ms, 3), None if said.prediction_set is None else " ".join(said.prediction_set),
             said.coverage, said.novel]
        )  # fmt: skip
        typer.echo(line.getvalue())
