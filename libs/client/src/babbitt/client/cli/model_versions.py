"""How a command names a version: `pump@7`, `pump@challenger`, or `pump` for the champion."""

from typing import Annotated

import typer

from babbitt.client.api.models import Version
from babbitt.client.clients import Babbitt
from babbitt.contracts.names import CHAMPION, version_of

VersionName = Annotated[str, typer.Argument(metavar="MODEL[@VERSION]", help="pump@7, pump@challenger; pump: champion.")]


def find_version(babbitt: Babbitt, name: str) -> Version:
    """The version that is meant.

    Raises:
        typer.BadParameter: the model has no such alias.
    """
    return babbitt.version(*number_of(babbitt, name))


def number_of(babbitt: Babbitt, name: str) -> tuple[str, int]:
    """Model and number of the version that is meant; raises as `find_version`."""
    model, _, reference = name.partition("@")
    number = version_of(reference)
    if number is None:
        aliases = babbitt.model(model).aliases
        number = aliases.get(reference or CHAMPION)
        if number is None:
            known = ", ".join(aliases) or "none"
            raise typer.BadParameter(f"{model} has no {reference or CHAMPION!r}: its aliases are {known}")
    return model, number
