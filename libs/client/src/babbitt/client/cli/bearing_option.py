"""A bearing's geometry on the command line."""

import json
from typing import Any

import typer
from pydantic import ValidationError

from babbitt.contracts.errors import field_problems
from babbitt.contracts.mappings import MappedBearing

_FIELDS = ("balls", "ball_diameter_mm", "pitch_diameter_mm", "contact_angle_deg")
_NEEDED = 3

FORM = "BALLS,BALL_MM,PITCH_MM[,ANGLE_DEG]"
HELP = f"Geometry, as {FORM} or as JSON; again for more, which machines have in turn."


def geometry_of(text: str) -> MappedBearing:
    """A bearing.

    Raises:
        typer.BadParameter: it is none.
    """
    try:
        return MappedBearing.model_validate(bearing_of(text))
    except ValidationError as error:
        wrong = field_problems(error)[0]
        raise typer.BadParameter(f"--bearing {text}: {wrong.pointer[1:]}: {wrong.detail}") from error


def bearing_of(text: str) -> dict[str, Any]:
    """The fields of a bearing; whether they are possible is for its contract to say.

    Raises:
        typer.BadParameter: it is neither of both.
    """
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except ValueError as error:
            raise typer.BadParameter(f"--bearing {text}: no JSON: {error}") from error
    parts = text.split(",")
    if not _NEEDED <= len(parts) <= len(_FIELDS):
        raise typer.BadParameter(
            f"--bearing {text}: three or four numbers, such as 9,7.94,39.04 or 9,7.94,39.04,15, or a JSON object"
        )
    return dict(zip(_FIELDS, (part.strip() for part in parts), strict=False))
