"""`babbitt keys`: who may call the gateway."""

from typing import Annotated, cast, get_args

import typer

from babbitt.client.api.keys import ApiKey, Scope
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.output import Column, Json, print_json, print_list

SCOPES = get_args(Scope.__value__)
COLUMNS: tuple[Column[ApiKey], ...] = (
    Column("id", lambda key: key.id),
    Column("name", lambda key: key.name),
    Column("scopes", lambda key: ",".join(key.scopes)),
    Column("created", lambda key: key.created_at),
    Column("expires", lambda key: key.expires_at),
    Column("revoked", lambda key: key.revoked_at),
)

app = typer.Typer(help="Make, list and revoke API keys; needs a key with the scope admin.", no_args_is_help=True)


@app.command()
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose it is.")],
    scopes: Annotated[str, typer.Option(help=f"What it may do, separated by commas: {', '.join(SCOPES)}.")],
    expires_days: Annotated[float | None, typer.Option(help="Days until it expires; else never.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Make a key and print it, alone: it is never shown again.

    Example: babbitt keys create line-3 --scopes read,predict > key
    """
    chosen = [scope.strip() for scope in scopes.split(",")]
    wrong = [scope for scope in chosen if scope not in SCOPES]
    if wrong:
        raise typer.BadParameter(f"{wrong[0]!r} is no scope: {', '.join(SCOPES)} are", param_hint="--scopes")
    with connect(context) as babbitt:
        made = babbitt.create_key(name, cast("list[Scope]", chosen), expires_days=expires_days)
    key = made.key.get_secret_value()
    if as_json:
        print_json(made.model_dump(mode="json") | {"key": key})
    else:
        typer.echo(key)


@app.command("list")
def list_(context: typer.Context, *, as_json: Json = False) -> None:
    """Show all keys, without their secrets."""
    with connect(context) as babbitt:
        print_list(babbitt.keys(), COLUMNS, as_json=as_json)


@app.command()
def revoke(
    context: typer.Context, key_id: Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")]
) -> None:
    """End a key; it stops working within half a minute where the gateway's database answers."""
    with connect(context) as babbitt:
        babbitt.revoke_key(key_id)
