"""What is wrong with a message that does not keep its contract."""

from collections.abc import Sequence
from itertools import islice
from typing import cast

from pydantic import ValidationError

from babbitt.contracts.envelope import Envelope
from babbitt.contracts.problems import FieldProblem


class MalformedMessage(ValueError):
    """A message is not what its contract says.

    Attributes:
        detail: what was wrong, in a sentence.
        errors: the wrong fields, with what is accepted.
        envelope: the message's envelope, where it could be read.
    """

    def __init__(self, detail: str, *, errors: tuple[FieldProblem, ...] = (), envelope: Envelope | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors
        self.envelope = envelope


class UnknownType(MalformedMessage):
    """The envelope names a type that this topic does not know."""


MOST_PROBLEMS = 20
LONGEST_TEXT = 500
"""Whoever sends a thousand wrong fields is told of the first: an answer has to fit a message."""


def field_problems(error: ValidationError, document: object = None) -> tuple[FieldProblem, ...]:
    """Pydantic's first findings as problems with JSON pointers; the offending values are left out.

    Args:
        error: what was found.
        document: what was validated, as parsed JSON: the pointers then point into it.
    """
    return tuple(
        FieldProblem(
            pointer=(pointer_to(finding["loc"], document) or "/")[:LONGEST_TEXT],
            detail=finding["msg"][:LONGEST_TEXT],
            accepted=_accepted(finding.get("ctx", {})),
        )
        for finding in islice(error.errors(include_url=False, include_input=False), MOST_PROBLEMS)
    )


def pointer_to(location: Sequence[int | str], document: object) -> str:
    """A JSON pointer into `document`, without the union members that Pydantic names too: they stand nowhere in it."""
    pointer, value = "", document
    for index, part in enumerate(location):
        if isinstance(value, dict) and part not in value and index < len(location) - 1:
            continue
        pointer += "/" + str(part).replace("~", "~0").replace("/", "~1")
        value = _part_of(value, part)
    return pointer


def _part_of(value: object, part: int | str) -> object:
    """A field, or an element of a list; None: there is none."""
    if isinstance(value, dict):
        return cast("dict[int | str, object]", value).get(part)
    elements = cast("list[object]", value) if isinstance(value, list) else []
    return elements[part] if isinstance(part, int) and part < len(elements) else None


def _accepted(context: dict[str, object]) -> str | None:
    """What a constraint accepts, in words."""
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than", "pattern": "text matching"}
    said = [f"{words[name]} {value}" for name, value in context.items() if name in words]
    if "expected" in context:
        said.append(str(context["expected"]))
    return ", ".join(said) or None
