"""One record of a dataset: drawn in the terminal, or saved."""

import csv
from pathlib import Path

import numpy as np
import typer

from babbitt.client.api.records import Record, RecordWaveform
from babbitt.client.cli.drawing import LOWEST_DB, spectrum, waveform
from babbitt.client.cli.output import Column, console, print_one

ROWS = 8
WIDEST = 120
SAVED = (".npy", ".csv")

DETAILS: tuple[Column[Record], ...] = (
    Column("record", lambda one: one.record),
    Column("class", lambda one: one.label),
    Column("split", lambda one: one.place),
    Column("group", lambda one: one.group),
    Column("severity", lambda one: one.severity),
    Column("recording", lambda one: one.recording),
    Column("duration", lambda one: f"{one.duration_s:g} s"),
    Column("sampling rate", lambda one: f"{one.sampling_rate_hz:g} Hz"),
    Column("shaft speed", lambda one: f"{one.shaft_speed_hz:.4g} Hz" if one.shaft_speed_hz else None),
)
LISTED: tuple[Column[Record], ...] = (
    Column("record", lambda one: one.record),
    Column("class", lambda one: one.label),
    Column("split", lambda one: one.place),
    Column("group", lambda one: one.group),
    Column("severity", lambda one: one.severity),
    Column("seconds", lambda one: one.duration_s, right=True),
    Column("shaft Hz", lambda one: one.shaft_speed_hz, right=True),
)


def draw(found: RecordWaveform) -> None:
    """Print what is known of a record, and each channel's waveform and spectrum."""
    record = found.record
    print_one(record, DETAILS, as_json=False)
    columns = min(console().width, WIDEST) - 1
    for channel, samples in zip(record.channels, found.samples, strict=True):
        typer.echo(f"\n{channel}: {samples.min():.4g} to {samples.max():.4g}, RMS {np.sqrt(np.mean(samples**2)):.4g}")
        _panel(waveform(samples, columns=columns, rows=ROWS), f"{record.duration_s:g} s")
        if samples.size > 1:
            typer.echo(f"\n{channel}: spectrum, 0 to {LOWEST_DB:g} dB")
            _panel(spectrum(samples, columns=columns, rows=ROWS), f"{record.sampling_rate_hz / 2:g} Hz")


def save(found: RecordWaveform, file: Path) -> None:
    """Write the samples: `.npy` as [channels, samples] float32, `.csv` as a column of seconds and one a channel.

    Raises:
        OSError: it cannot be written.
    """
    if file.suffix == ".npy":
        np.save(file, found.samples)
        return
    record = found.record
    with file.open("w", newline="", encoding="utf-8") as opened:
        rows = csv.writer(opened)
        rows.writerow(["time_s", *record.channels])
        seconds = np.arange(record.samples) / record.sampling_rate_hz
        rows.writerows(zip(seconds.tolist(), *found.samples.tolist(), strict=True))


def _panel(lines: list[str], last: str) -> None:
    for line in lines:
        typer.echo(line)
    typer.echo("0" + last.rjust(max(len(lines[0]) - 1, len(last) + 1)))
