"""What all commands that move aliases share."""

from typing import Annotated

import typer

from babbitt.client.api.models import Promotion
from babbitt.client.cli.exit_codes import ENDED_BADLY
from babbitt.client.cli.output import print_json

DECIDED_WITHIN_S = 30.0

Name = Annotated[str, typer.Argument(metavar="MODEL", help="Name of the model.")]
Number = Annotated[int, typer.Argument(metavar="VERSION", help="Number of the version.", min=1)]
Reason = Annotated[str, typer.Option(help="Why; the history keeps it.")]
Expected = Annotated[
    int | None,
    typer.Option("--if-at", metavar="VERSION", min=0, help="Only if the alias points there now; 0: if there is none."),
]


def tell(promotion: Promotion, *, as_json: bool) -> None:
    """Say what became of it; ends the command where nothing did yet."""
    if as_json:
        print_json(promotion)
    elif promotion.state == "applied" and promotion.kind == "removal":
        typer.echo(f"{promotion.model}@{promotion.alias} is gone (before: {promotion.replaced})")
    elif promotion.state == "applied":
        before = f" (before: {promotion.replaced})" if promotion.replaced else ""
        typer.echo(f"{promotion.model}@{promotion.alias} is version {promotion.version}{before}")
    if promotion.state != "applied":
        undecided(promotion.kind, promotion.id)


def undecided(kind: str, identity: object) -> None:
    """End a command that waited in vain."""
    typer.echo(f"babbitt: not decided within {DECIDED_WITHIN_S:.0f} s: {kind} {identity}", err=True)
    raise typer.Exit(ENDED_BADLY)
