"""Options that the commands that make datasets share."""

from typing import Annotated

import typer

Label = Annotated[str | None, typer.Option(help="A name for people.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait until it is ready; exit 3 when it comes to nothing.")]
Validation = Annotated[float, typer.Option(help="Share of the records for validation.")]
Test = Annotated[float, typer.Option(help="Share of the records for the test.")]
