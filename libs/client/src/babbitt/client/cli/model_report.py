"""`babbitt models report`: how a version did, in full."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from babbitt.client.api.version_files import Report
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.model_versions import VersionName, find_version
from babbitt.client.cli.output import Column, Json, print_json, print_list, shown
from babbitt.contracts.evaluations import SeedResult, Variant
from babbitt.contracts.model_reports import CURVES, Curve, CurvePoint
from babbitt.contracts.model_scores import ClassScore, GroupScore, SeverityScore

CLASSES: tuple[Column[ClassScore], ...] = (
    Column("class", lambda one: one.name),
    Column("records", lambda one: one.support, right=True),
    Column("precision", lambda one: f"{one.precision:.1%}", right=True),
    Column("recall", lambda one: f"{one.recall:.1%}", right=True),
    Column("F1", lambda one: f"{one.f1:.3f}", right=True),
)
GROUPS: tuple[Column[GroupScore], ...] = (
    Column("group", lambda one: one.name),
    Column("classes", lambda one: ", ".join(one.labels)),
    Column("records", lambda one: one.records, right=True),
    Column("right", lambda one: f"{one.record_accuracy:.1%}", right=True),
)
SEVERITIES: tuple[Column[GroupScore], ...] = (Column("severity", lambda one: one.name), *GROUPS[1:])
TOLD_SEVERITIES: tuple[Column[SeverityScore], ...] = (
    Column("class", lambda one: one.name),
    Column("records", lambda one: one.records, right=True),
    Column("severity off by, levels", lambda one: f"{one.mean_absolute_error:.2f}", right=True),
)
VARIANTS: tuple[Column[Variant], ...] = (
    Column("form", lambda one: f"{one.name}, serves" if one.chosen else one.name),
    Column("right, validation", lambda one: shown(one.record_accuracy, ".1%"), right=True),
    Column("ms a record", lambda one: shown(one.latency_ms, ".3g"), right=True),
    Column("why", lambda one: one.note),
)
SEEDS: tuple[Column[SeedResult], ...] = (
    Column("seed", lambda one: f"{one.seed}, the version's" if one.chosen else str(one.seed)),
    Column("right", lambda one: f"{one.record_accuracy:.2%}", right=True),
    Column("validation loss", lambda one: shown(one.validation_loss, ".4f"), right=True),
)


def report(
    context: typer.Context,
    version: VersionName,
    figures: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write the figures there.")] = None,
    *,
    card: Annotated[bool, typer.Option("--card", help="Print the card instead, Markdown.")] = False,
    as_json: Json = False,
) -> None:
    """Show how a version did in its test: classes, groups, noise, calibration, limits.

    Example: babbitt models report pump@7 --figures figures
    """
    with connect(context) as babbitt:
        found = find_version(babbitt, version)
        if figures:
            figures.mkdir(parents=True, exist_ok=True)
            for name in found.figures:
                (figures / f"{name}.png").write_bytes(babbitt.model_figure(found.model, found.version, name))
        if card:
            typer.echo(babbitt.model_card(found.model, found.version))
            return
        told = babbitt.model_report(found.model, found.version)
    if as_json:
        print_json(told)
        return
    print_report(told)


def print_report(told: Report) -> None:
    """Print it for people."""
    for line in _lines(told):
        typer.echo(line)
    _print_table(told.test.classes, CLASSES)
    _print_table(told.test.by_group, GROUPS)
    _print_table(told.by_severity, SEVERITIES)
    _print_table(told.severity, TOLD_SEVERITIES)
    _print_table(told.variants, VARIANTS)
    _print_table(told.seeds, SEEDS)
    for curve in told.curves:
        _print_table(curve.points, _curve(curve))


def _print_table[T](rows: Sequence[T], columns: Sequence[Column[T]]) -> None:
    if rows:
        typer.echo("")
        print_list(rows, columns, as_json=False)


def _lines(told: Report) -> Iterator[str]:
    test = told.test
    between = test.record_accuracy_interval
    interval = f" ({between[0]:.2%} to {between[1]:.2%})" if between else ""
    yield f"{told.preset}, {told.model_spec.task}: {test.record_accuracy:.2%} of {test.records} records right{interval}"
    yield f"windows {test.window_accuracy:.2%}, macro-F1 {test.macro_f1:.4f}, {test.groups} groups"
    if test.macro_auroc is not None:
        yield f"macro-AUROC {test.macro_auroc:.4f}"
    if test.calibration_error is not None:
        yield f"calibration error {test.calibration_error:.2%}"
    if test.coverage is not None and test.mean_set_size is not None:
        yield f"prediction sets held the truth in {test.coverage:.1%}, with {test.mean_set_size:.2f} classes on average"
    if pooled := told.cross_validation:
        low, high = pooled.record_accuracy_interval or (None, None)
        bounds = f" ({low:.2%} to {high:.2%})" if low is not None and high is not None else ""
        folds = f"{pooled.records} records that {len(pooled.folds)} folds held out"
        yield f"{pooled.record_accuracy:.2%}{bounds} of {folds}"
    if told.latency:
        yield f"a record takes {told.latency.median_ms:.3g} ms on one CPU thread"
    if (alarms := told.detection) and alarms.false_alarms_a_machine_month is not None:
        yield (
            f"{alarms.false_alarms_a_machine_month:.2g} false alarms a machine-month, {alarms.detected} of "
            f"{alarms.faults} faults told ({alarms.k} of {alarms.n} records)"
        )
    yield from (f"limit: {one}" for one in told.limits)
    yield from (f"note: {one}" for one in told.notes)


def _curve(curve: Curve) -> tuple[Column[CurvePoint], ...]:
    return (
        Column(CURVES.get(curve.kind, ("", curve.kind))[1], lambda one: one.level, right=True),
        Column("right", lambda one: f"{one.record_accuracy:.1%}", right=True),
    )
