"""`babbitt models compare`: two versions side by side."""

from dataclasses import asdict

import typer

from babbitt.client.api.models import Version
from babbitt.client.api.version_files import Predictions, Report
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.model_versions import VersionName, find_version
from babbitt.client.cli.output import Column, Json, print_json, print_list
from babbitt.client.clients import Babbitt
from babbitt.client.comparison import Comparison, Difference, Flip, compare

CONFIGURATION: tuple[Column[Difference], ...] = (
    Column("setting", lambda one: one.setting),
    Column("first", lambda one: one.first),
    Column("second", lambda one: one.second),
)
FLIPS: tuple[Column[Flip], ...] = (
    Column("record", lambda one: one.record),
    Column("group", lambda one: one.group),
    Column("truth", lambda one: one.label),
    Column("first", lambda one: one.first),
    Column("second", lambda one: one.second),
    Column("right", lambda one: one.right),
)


def compare_(context: typer.Context, first: VersionName, second: VersionName, *, as_json: Json = False) -> None:
    """Show how two versions differ: what was asked for, and which records one answers right and the other wrong.

    Example: babbitt models compare pump@champion pump@challenger
    """
    with connect(context) as babbitt:
        versions = [find_version(babbitt, name) for name in (first, second)]
        ours, theirs = (_files(babbitt, one) for one in versions)
    found = compare(ours, theirs)
    if as_json:
        print_json(asdict(found))
        return
    for name, version, (report, _) in zip(("first", "second"), versions, (ours, theirs), strict=True):
        typer.echo(
            f"{name}: {version.model}@{version.version}, {report.preset}, {report.test.record_accuracy:.2%} of "
            f"{report.test.records} records right"
        )
    _print(found)


def _print(found: Comparison) -> None:
    typer.echo("")
    if found.configuration:
        print_list(found.configuration, CONFIGURATION, as_json=False)
    else:
        typer.echo("asked for the same")
    typer.echo("")
    if found.paired is None:
        typer.echo("no record was tested by both: nothing can be said of which is better")
        return
    paired = found.paired
    typer.echo(
        f"{paired.records} records tested by both: {paired.both} right in both, {paired.first_only} in the first "
        f"alone, {paired.second_only} in the second alone, {paired.neither} in neither; McNemar p = {paired.p:.3g}"
    )
    if found.unshared:
        typer.echo(f"{found.unshared} records were tested by one of them alone, and are left out")
    if found.flips:
        typer.echo("")
        print_list(found.flips, FLIPS, as_json=False)


def _files(babbitt: Babbitt, version: Version) -> tuple[Report, Predictions]:
    name, number = version.model, version.version
    return babbitt.model_report(name, number), babbitt.paired_predictions(name, number)
