"""Whether there is a model of the name that a path gives."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.gateway.errors import UnknownModel
from babbitt.gateway.models.queries import has_versions
from babbitt.gateway.texts import is_name


def checked(model: str) -> str:
    """A name that may be looked up.

    Raises:
        UnknownModel: no model can have it.
    """
    if not is_name(model):
        raise unknown(model)
    return model


async def check_known(session: AsyncSession, model: str, rows: Sequence[Row[Any]]) -> None:
    """A model of which there are no rows may yet be known.

    Raises:
        UnknownModel: it is not.
    """
    if not rows and not await has_versions(session, model):
        raise unknown(model)


def unknown(model: str) -> UnknownModel:
    """The answer to who asks for it."""
    return UnknownModel(f"there is no model {model!r}")
