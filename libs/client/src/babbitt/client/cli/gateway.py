"""The connection that commands share."""

from dataclasses import dataclass
from pathlib import Path

import typer

from babbitt.client.clients import Babbitt
from babbitt.client.settings import settings_of


@dataclass(frozen=True, slots=True)
class Place:
    """What the options of `babbitt` itself say; read when a command connects, so that `--help` needs none of it."""

    url: str | None = None
    key_file: Path | None = None


def connect(context: typer.Context) -> Babbitt:
    """A client for one command.

    Raises:
        InvalidRequest: the URL or the key's file is wrong.
    """
    place = context.find_object(Place) or Place()
    return Babbitt(settings=settings_of(place.url, key_file=place.key_file))
