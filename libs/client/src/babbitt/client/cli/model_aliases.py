"""`babbitt models aliases`: which names a model's versions have; `… history`: which they had, and why."""

from datetime import datetime
from typing import Annotated

import typer

from babbitt.client.api.models import Alias, Change
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.output import Column, Json, print_json, print_list
from babbitt.client.cli.promotions import DECIDED_WITHIN_S, Expected, Name, Number, Reason, tell

ALIASES: tuple[Column[Alias], ...] = (
    Column("alias", lambda one: one.reference),
    Column("version", lambda one: one.version, right=True),
    Column("since", lambda one: one.assigned_at),
    Column("digest", lambda one: one.digest[:12]),
)
_WHY: tuple[Column[Change], ...] = (
    Column("by", lambda one: "gates" if one.automatic else one.requested_by),
    Column("reason", lambda one: one.reason),
)
CHANGES: tuple[Column[Change], ...] = (
    Column("when", lambda one: one.at),
    Column("what", lambda one: one.kind),
    Column("alias", lambda one: one.alias),
    Column("version", lambda one: one.version, right=True),
    Column("before", lambda one: one.replaced, right=True),
    *_WHY,
)
SERVED: tuple[Column[Change], ...] = (
    Column("alias", lambda one: one.alias),
    Column("version", lambda one: one.version, right=True),
    Column("since", lambda one: one.at),
    *_WHY,
)

AliasName = Annotated[str, typer.Argument(metavar="ALIAS", help="champion, challenger, shadow, or a name of yours.")]

app = typer.Typer(help="The names by which a model's versions are asked for.", no_args_is_help=True)


@app.command("list")
def list_(context: typer.Context, model: Name, *, as_json: Json = False) -> None:
    """Show where a model's aliases point."""
    with connect(context) as babbitt:
        print_list(babbitt.aliases(model), ALIASES, as_json=as_json)


@app.command("set")
def set_(
    context: typer.Context,
    model: Name,
    alias: AliasName,
    version: Number,
    reason: Reason,
    expected: Expected = None,
    *,
    as_json: Json = False,
) -> None:
    """Point an alias at a version; one that is not there yet is made.

    Example: babbitt models aliases set pump line-3 7 --reason "a trial on line 3"
    """
    with connect(context) as babbitt:
        asked = babbitt.promote(model, version, reason=reason, alias=alias, expected=expected, wait_s=DECIDED_WITHIN_S)
    tell(asked, as_json=as_json)


@app.command()
def remove(
    context: typer.Context,
    model: Name,
    alias: AliasName,
    reason: Reason,
    expected: Expected = None,
    *,
    as_json: Json = False,
) -> None:
    """Take an alias away; the champion stays.

    Example: babbitt models aliases remove pump line-3 --reason "the trial is over"
    """
    with connect(context) as babbitt:
        asked = babbitt.remove_alias(model, alias, reason=reason, expected=expected, wait_s=DECIDED_WITHIN_S)
    tell(asked, as_json=as_json)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no date: 2026-03-01, or 2026-03-01T12:00+01:00") from error
    return moment.astimezone()  # without a zone it is the reader's


def history(
    context: typer.Context,
    model: Name,
    at: Annotated[
        datetime | None, typer.Option(metavar="DATE", parser=_moment, help="Show what served then, and why.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show what changed, the newest first, or what served at a time.

    Example: babbitt models history pump --at 2026-03-01T12:00
    """
    with connect(context) as babbitt:
        if at is None:
            print_list(babbitt.history(model), CHANGES, as_json=as_json)
            return
        served = babbitt.serving(model, at=at)
    if as_json:
        print_json(served.serving)
    else:
        print_list(served.serving.values(), SERVED, as_json=False)
