"""How a dry run of an import is shown."""

from collections.abc import Sequence
from itertools import islice

import typer

from babbitt.client.cli.import_preview import Preview, PreviewedFile
from babbitt.client.cli.output import Column, print_json, print_list

FEW = 5
MOST_TOLD = 30
NOT_LOOKED_AT = (
    "found only when the dataset is made: too few groups of a class for the split, a class that is missing in a part "
    "of it, no room to divide the only group of a class in time, too many records or shards in all, a packed file of "
    "more samples than its shards hold, a file larger than the gateway takes, records that share samples"
)
COLUMNS: Sequence[Column[PreviewedFile]] = (
    Column("FILE", lambda one: one.file),
    Column("RULE", lambda one: one.rule, right=True),
    Column("LABEL", lambda one: one.label),
    Column("GROUP", lambda one: one.group),
    Column("SPLIT", lambda one: one.split),
    Column("CHANNELS", lambda one: one.channels, right=True),
    Column("RATE HZ", lambda one: _plain(one.sampling_rate_hz), right=True),
    Column("SECONDS", lambda one: one.duration_s, right=True),
    Column("SHAFT HZ", lambda one: one.shaft_speed_hz, right=True),
    Column("RECORDS", lambda one: one.records, right=True),
    Column("REMARKS", lambda one: "cannot be imported" if one.problem else _remarks(one)),
)


def show(preview: Preview, files: Sequence[PreviewedFile], others: Sequence[str], *, as_json: bool) -> None:
    """Print what would be read, what no rule is for, and what is missing.

    Args:
        preview: with what was found to be missing.
        files: what was looked at.
        others: names that no rule is for.
        as_json: as one object for programs.
    """
    if as_json:
        problems = [{"problem": problem, "holds": list(held)} for problem, held in preview.problems.items()]
        print_json(
            {"files": list(files), "no_rule": list(others), "problems": problems, "not_looked_at": NOT_LOOKED_AT}
        )
        return
    print_list(files, COLUMNS, as_json=False)
    for label in dict.fromkeys(file.label for file in files if file.label and not file.problem):
        alike = [file for file in files if file.label == label and not file.problem]
        groups, records = len({file.group for file in alike}), sum(file.records or 0 for file in alike)
        typer.echo(f"{label}: records {records}, groups {groups}, files {len(alike)}")
    if others:
        few = ", ".join(others[:FEW])
        typer.echo(f"no rule is for {len(others)} files: {few}{', ...' if len(others) > FEW else ''}")
    for problem, held in islice(preview.problems.items(), MOST_TOLD):
        typer.echo(f"missing or wrong: {problem}")
        for line in held:
            typer.echo(f"    {line}")
    if (more := len(preview.problems) - MOST_TOLD) > 0:
        typer.echo(f"and {more} more")
    typer.echo(NOT_LOOKED_AT)


def _remarks(one: PreviewedFile) -> str:
    return "; ".join(remark.removeprefix(f"{one.file}: ") for remark in one.remarks)


def _plain(rate_hz: float | None) -> str | None:
    return None if rate_hz is None else f"{rate_hz:g}"
