"""What aliases served at a time and why, and asking for one to be taken away."""

from datetime import datetime

from pydantic import Field

from babbitt.client.api.models import Change, Promotion
from babbitt.client.calls import Answer, Call, answer_of, get, only_if, path_of


class Serving(Answer):
    """Where a model's aliases pointed.

    Attributes:
        aliases: versions by alias.
        serving: by alias, the change by which it pointed there: since when, why, and who wanted it.
    """

    aliases: dict[str, int]
    serving: dict[str, Change] = Field(default_factory=dict[str, Change])


def serving(name: str, *, at: datetime | None = None) -> Call[Serving]:
    """What a model's aliases served at a moment (with its zone), or serve now, and why."""
    return get(Serving, "models", name, "history", at=at.isoformat() if at else None, limit=1)


def remove_alias(
    name: str, alias: str, *, reason: str, expected: int | None = None, wait_s: float | None = None
) -> Call[Promotion]:
    """Ask for an alias to be taken away; the champion stays. `expected` as in `promote`.

    With `wait_s` the answer is held so many seconds until it is decided.

    Raises:
        BabbittError: it was waited for, and refused; the problem says why.
    """
    path = path_of("models", name, "aliases", alias)
    return Call("DELETE", path, answer_of(Promotion), headers=only_if(expected), query={"reason": reason}).held(wait_s)
