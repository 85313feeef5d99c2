"""`babbitt datasets report`: what to know of a dataset before training on it."""

import tempfile
import webbrowser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from babbitt.client.cli.dataset_catalogue import Id
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.output import Column, Json, print_json, print_list
from babbitt.contracts.quality import Leakage, Probe, QualityReport, SplitResult


@dataclass(frozen=True, slots=True)
class _ClassRow:
    """A class with how many records each place has of it."""

    label: str
    counts: dict[str, int]


PROBES: tuple[Column[Probe], ...] = (
    Column("alone", lambda one: f"{one.feature} of {one.channel}" if one.channel else one.feature),
    Column("accuracy", lambda one: f"{one.accuracy:.0%}", right=True),
    Column("interval", lambda one: f"{one.low:.0%} to {one.high:.0%}", right=True),
    Column("guessing", lambda one: f"{one.chance:.0%}", right=True),
    Column("tells from all others", lambda one: ", ".join(one.tells)),
    Column("", lambda one: "suspicious" if one.suspicious else " "),
)


def report(
    context: typer.Context,
    dataset_id: Id,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the page, with its figures.")] = None,
    *,
    show: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    as_json: Json = False,
) -> None:
    """Show the quality report of a dataset: findings, balance, trivial probes.

    Example: babbitt datasets report 3f9c… --html report.html
    """
    with connect(context) as babbitt:
        found = babbitt.dataset_report(dataset_id)
        page = babbitt.dataset_report_page(dataset_id) if html or show else None
    if page is not None:
        place = html or Path(tempfile.mkdtemp(prefix="babbitt-")) / "report.html"
        place.write_text(page, encoding="utf-8")
        if show:
            webbrowser.open(place.resolve().as_uri())
    if as_json:
        print_json(found)
    else:
        _print(found)


def _print(found: QualityReport) -> None:
    for finding in found.findings:
        first = "the first: " if len(finding.records) > 1 else ""
        named = f" ({first}{', '.join(finding.records)})" if finding.records else ""
        typer.echo(f"{finding.level}: {finding.text}{named}")
    if not found.findings:
        typer.echo("no findings")
    for line in (_leakage(found.leakage), *_split(found.split)):
        typer.echo(line)
    typer.echo("")
    places = list(dict.fromkeys(row.place for row in found.balance))
    rows: dict[str, dict[str, int]] = {}
    for row in found.balance:
        rows.setdefault(row.label, {})[row.place] = row.records
    print_list([_ClassRow(label, counts) for label, counts in rows.items()], _balance(places), as_json=False)
    typer.echo("")
    print_list(found.probes, PROBES, as_json=False)


def _leakage(leakage: Leakage) -> str:
    if leakage.outcome == "none" and not leakage.runs_looked_for:
        told = "no record is there twice; shared runs were not looked for"
    else:
        told = leakage.outcome
    reason = f" ({leakage.reason})" if leakage.outcome == "accepted" else ""
    return (
        f"leakage: {told}{reason}; pairs that share samples: {leakage.within_count} within a split, "
        f"{leakage.across_count} across"
    )


def _split(split: SplitResult) -> Iterator[str]:
    groups = ", ".join(f"{name} {count}" for name, count in split.groups.items())
    yield f"split: by {split.kind}{f'; groups: {groups}' if groups else ''}"
    for what, names in (
        ("held out", split.held_out),
        ("divided in time, optimistic", split.in_time),
        ("not tested", split.untested),
    ):
        if names:
            yield f"{what}: {', '.join(names)}"


def _balance(places: Sequence[str]) -> tuple[Column[_ClassRow], ...]:
    def of(place: str) -> Column[_ClassRow]:
        return Column(place, lambda row: row.counts.get(place, 0), right=True)

    return (Column("class", lambda row: row.label), *map(of, places))
