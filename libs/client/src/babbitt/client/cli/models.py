"""`babbitt models`: versions, and which of them answers."""

from typing import Annotated

import typer

from babbitt.client.api.models import Change, Model, Promotion, Version
from babbitt.client.cli.exit_codes import ENDED_BADLY
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.model_compare import compare_
from babbitt.client.cli.model_download import download
from babbitt.client.cli.model_report import report
from babbitt.client.cli.output import Column, Json, print_json, print_list
from babbitt.contracts.names import CHAMPION

DECIDED_WITHIN_S = 30.0

MODELS: tuple[Column[Model], ...] = (
    Column("model", lambda one: one.name),
    Column("versions", lambda one: one.versions, right=True),
    Column("aliases", lambda one: ", ".join(f"{alias} v{number}" for alias, number in one.aliases.items())),
    Column("first registered", lambda one: one.registered_at),
)
VERSIONS: tuple[Column[Version], ...] = (
    Column("version", lambda one: one.version, right=True),
    Column("aliases", lambda one: ", ".join(one.aliases)),
    Column("preset", lambda one: one.preset),
    Column("accuracy", lambda one: f"{one.evaluation.record_accuracy:.2%}", right=True),
    Column("macro-F1", lambda one: f"{one.evaluation.macro_f1:.4f}", right=True),
    Column(
        "split", lambda one: f"{one.evaluation.split_kind}{', in part time' if one.evaluation.split_in_time else ''}"
    ),
    Column("gates", lambda one: ", ".join(f"{gate.gate} {gate.outcome}" for gate in one.gates)),
    Column("dataset", lambda one: one.dataset[:12]),
    Column("registered", lambda one: one.registered_at),
)
CHANGES: tuple[Column[Change], ...] = (
    Column("when", lambda one: one.at),
    Column("what", lambda one: one.kind),
    Column("alias", lambda one: one.alias),
    Column("version", lambda one: one.version, right=True),
    Column("before", lambda one: one.replaced, right=True),
    Column("by", lambda one: "gates" if one.automatic else one.requested_by),
    Column("reason", lambda one: one.reason),
)

Name = Annotated[str, typer.Argument(metavar="MODEL", help="Name of the model.")]
AliasName = Annotated[str, typer.Option(help="Which alias to move.")]
Reason = Annotated[str, typer.Option(help="Why; the history keeps it.")]

app = typer.Typer(help="Look at models, promote their versions and roll back.", no_args_is_help=True)
app.command()(report)
app.command("compare")(compare_)
app.command()(download)


@app.command("list")
def list_(context: typer.Context, *, as_json: Json = False) -> None:
    """Show all models and where their aliases point."""
    with connect(context) as babbitt:
        print_list(babbitt.models(), MODELS, as_json=as_json)


@app.command()
def show(context: typer.Context, model: Name, *, as_json: Json = False) -> None:
    """Show a model's versions, how they did in the test, and their gates."""
    with connect(context) as babbitt:
        print_list(babbitt.versions(model), VERSIONS, as_json=as_json)


@app.command()
def history(context: typer.Context, model: Name, *, as_json: Json = False) -> None:
    """Show what changed, the newest first."""
    with connect(context) as babbitt:
        print_list(babbitt.history(model), CHANGES, as_json=as_json)


@app.command()
def promote(
    context: typer.Context,
    model: Name,
    version: Annotated[int, typer.Argument(metavar="VERSION", help="Number of the version.", min=1)],
    reason: Reason,
    alias: AliasName = CHAMPION,
    *,
    as_json: Json = False,
) -> None:
    """Point an alias at a version.

    Example: babbitt models promote pump 7 --reason "better on the new bearings"
    """
    with connect(context) as babbitt:
        _tell(babbitt.promote(model, version, reason=reason, alias=alias, wait_s=DECIDED_WITHIN_S), as_json=as_json)


@app.command()
def rollback(
    context: typer.Context, model: Name, reason: Reason, alias: AliasName = CHAMPION, *, as_json: Json = False
) -> None:
    """Point an alias back at the version that it had before.

    Example: babbitt models rollback pump --reason "false alarms on line 3"
    """
    with connect(context) as babbitt:
        _tell(babbitt.roll_back(model, reason=reason, alias=alias, wait_s=DECIDED_WITHIN_S), as_json=as_json)


def _tell(promotion: Promotion, *, as_json: bool) -> None:
    if as_json:
        print_json(promotion)
    elif promotion.state == "applied":
        before = f" (before: {promotion.replaced})" if promotion.replaced else ""
        typer.echo(f"{promotion.model}@{promotion.alias} is version {promotion.version}{before}")
    if promotion.state != "applied":
        typer.echo(f"babbitt: not decided within {DECIDED_WITHIN_S:.0f} s: {promotion.kind} {promotion.id}", err=True)
        raise typer.Exit(ENDED_BADLY)
