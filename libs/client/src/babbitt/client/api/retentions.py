"""Retention: retiring the versions of a model that its policy does not keep."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from babbitt.client.calls import Answer, Call, answer_of, get, path_of
from babbitt.contracts.problems import Problem


class Retention(Answer):
    """Retention that was asked for.

    Attributes:
        state: `requested` until the registry has done it.
        retired: the versions that nothing keeps: with `dry_run` those that would be retired.
        kept: by version, why it is kept.
        problem: why it was refused.
    """

    id: UUID
    state: Literal["requested", "applied", "refused"] | str
    model: str
    dry_run: bool
    retired: tuple[int, ...] | None = None
    kept: dict[int, str] | None = None
    reason: str
    problem: Problem | None = None
    requested_by: str | None = None
    created_at: datetime
    updated_at: datetime


def retain(name: str, *, reason: str, dry_run: bool = True, wait_s: float | None = None) -> Call[Retention]:
    """Ask to retire what the model's policy does not keep, or with `dry_run` what that would be.

    With `wait_s` the answer is held so many seconds until it is done.

    Raises:
        BabbittError: it was waited for, and refused; the problem says why.
    """
    content = {"dry_run": dry_run, "reason": reason}
    return Call("POST", path_of("models", name, "retentions"), answer_of(Retention), json=content).held(wait_s)


def retention(retention_id: UUID | str, *, wait_s: float | None = None) -> Call[Retention]:
    """What became of it; with `wait_s` the answer is held so many seconds until that is decided."""
    return get(Retention, "retentions", retention_id).held(wait_s)
