"""Commands of other distributions, by the entry point `babbitt.commands`; each is loaded when it is asked for."""

from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer

GROUP = "babbitt.commands"
CARRIERS = {"fleet": "babbitt-signals"}
"""What is not here, and which distribution brings it."""


def names() -> list[str]:
    """Of the commands that are installed."""
    return sorted(_installed())


def load(name: str) -> Any:
    """A command of another distribution, as Typer runs it; None: there is none of this name.

    Raises:
        typer.BadParameter: it is one of ours, and its distribution is not installed.
    """
    if entry := _installed().get(name):
        command = typer.main.get_command(entry.load())
        command.name = name
        return command
    if carrier := CARRIERS.get(name):
        raise typer.BadParameter(
            f"{name} comes with {carrier}, which is not installed here: install it beside babbitt-client"
        )
    return None


def _installed() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}
