"""Text that a client chose and the database keeps. PostgreSQL holds no NUL, neither in text nor in JSON."""

import re
from typing import Any, Self, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from babbitt.contracts.names import NAME_PATTERN

NUL = "\x00"


class Body(BaseModel):
    """A body with no unknown field and no NUL in any text of it."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @model_validator(mode="wrap")
    @classmethod
    def _without_nul(cls, given: Any, handler: Any) -> Self:
        return handler(_checked(given))


def _checked(given: object) -> object:
    if _has_nul(given):
        raise ValueError("text must not hold the character NUL")
    return given


WITHOUT_NUL = BeforeValidator(_checked)
"""Of a body that is a request as the topics carry it."""


def _has_nul(given: Any) -> bool:
    """Whether any text in parsed JSON holds a NUL; a stack of its own, as a client chooses how deep it is."""
    waiting: list[Any] = [given]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if NUL in value:
                return True
        elif isinstance(value, dict):
            for name, part in cast("dict[str, Any]", value).items():
                waiting += (name, part)
        elif isinstance(value, list):
            waiting += cast("list[Any]", value)
    return False


def is_plain(text: str) -> bool:
    """Whether an id from a path may be looked up; what is not plain names nothing."""
    return text.isascii() and text.isprintable()


def is_name(text: str) -> bool:
    """Whether `text` could be a model's name."""
    return re.fullmatch(NAME_PATTERN, text) is not None
