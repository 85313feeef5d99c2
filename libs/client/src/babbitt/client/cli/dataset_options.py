"""Options that the commands that make datasets share."""

from typing import Annotated

import typer

Label = Annotated[str | None, typer.Option(help="A name for people.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait until it is ready; exit 3 when it comes to nothing.")]
Validation = Annotated[float, typer.Option(help="Share of the records for validation.")]
Test = Annotated[float, typer.Option(help="Share of the records for the test.")]
HoldOut = Annotated[
    list[str] | None,
    typer.Option(metavar="GROUP", help="A group that is the test split; may be said again. Goes with --split group."),
]
AcceptLeakage = Annotated[
    str | None,
    typer.Option(metavar="REASON", help="Why splits may share samples: it is told instead of failing, and shown."),
]
