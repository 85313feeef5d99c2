"""`babbitt models`: versions, and which of them answers."""

from typing import Annotated

import typer

from babbitt.client.api.models import Model, Version
from babbitt.client.cli import model_aliases
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.model_aliases import history
from babbitt.client.cli.model_compare import compare_
from babbitt.client.cli.model_download import download
from babbitt.client.cli.model_evaluate import evaluate
from babbitt.client.cli.model_export import export
from babbitt.client.cli.model_gates import gates, told_gates
from babbitt.client.cli.model_import import import_
from babbitt.client.cli.model_policy import policy
from babbitt.client.cli.model_report import report
from babbitt.client.cli.model_reproduce import reproduce
from babbitt.client.cli.model_retention import retention
from babbitt.client.cli.output import Column, Json, print_list
from babbitt.client.cli.promotions import DECIDED_WITHIN_S, Expected, Name, Number, Reason, tell
from babbitt.contracts.names import CHAMPION

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
    Column("gates", lambda one: told_gates(one.gates)),
    Column("dataset", lambda one: one.dataset[:12]),
    Column("registered", lambda one: one.registered_at),
)
AliasName = Annotated[str, typer.Option(help="Which alias to move.")]

app = typer.Typer(help="Look at models, promote their versions and roll back.", no_args_is_help=True)
app.command()(report)
app.command()(evaluate)
app.command("import")(import_)
app.command()(reproduce)
app.command("compare")(compare_)
app.command()(download)
app.command()(export)
app.command()(history)
app.command()(retention)
app.command()(gates)
app.command()(policy)
app.add_typer(model_aliases.app, name="aliases")


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
def promote(
    context: typer.Context,
    model: Name,
    version: Number,
    reason: Reason,
    alias: AliasName = CHAMPION,
    expected: Expected = None,
    *,
    as_json: Json = False,
) -> None:
    """Point an alias at a version.

    Example: babbitt models promote pump 7 --reason "better on the new bearings"
    """
    with connect(context) as babbitt:
        asked = babbitt.promote(model, version, reason=reason, alias=alias, expected=expected, wait_s=DECIDED_WITHIN_S)
    tell(asked, as_json=as_json)


@app.command()
def rollback(
    context: typer.Context,
    model: Name,
    reason: Reason,
    alias: AliasName = CHAMPION,
    expected: Expected = None,
    *,
    as_json: Json = False,
) -> None:
    """Point an alias back at the version that it had before.

    Example: babbitt models rollback pump --reason "false alarms on line 3"
    """
    with connect(context) as babbitt:
        asked = babbitt.roll_back(model, reason=reason, alias=alias, expected=expected, wait_s=DECIDED_WITHIN_S)
    tell(asked, as_json=as_json)
