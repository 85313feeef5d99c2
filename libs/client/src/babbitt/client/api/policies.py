"""The rules of a model: what its versions have to pass to become champion without a person."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from babbitt.client.calls import Answer, Call, answer_of, get, only_if, path_of
from babbitt.contracts.model_requests import GatePolicy
from babbitt.contracts.problems import Problem


class Policy(Answer):
    """The rules for a model's next versions.

    Attributes:
        policy: None: they were never told; the next version's gates will.
        revision: of the model, by which they came to hold: what a change may expect.
        reason, requested_by, changed_at: of their last change.
    """

    model: str
    policy: GatePolicy | None = None
    revision: int | None = None
    reason: str | None = None
    requested_by: str | None = None
    changed_at: datetime | None = None


class PolicyChange(Answer):
    """A change of rules that was asked for.

    Attributes:
        state: `requested` until the registry has done it.
        policy: those that are set were asked for.
        problem: why it was refused.
    """

    id: UUID
    state: Literal["requested", "applied", "refused"] | str
    model: str
    policy: GatePolicy
    reason: str
    problem: Problem | None = None
    requested_by: str | None = None
    created_at: datetime
    updated_at: datetime


def policy(name: str) -> Call[Policy]:
    """The rules of a model."""
    return get(Policy, "models", name, "policy")


def change_policy(
    name: str, rules: GatePolicy, *, reason: str, expected: int | None = None, wait_s: float | None = None
) -> Call[PolicyChange]:
    """Ask for those of `rules` that are set, also of a model to come; the others stay as they are.

    With `wait_s` the answer is held so many seconds until they hold.

    Args:
        name: of the model.
        rules: what is wanted.
        reason: why.
        expected: `revision` of the rules that are thought to hold, 0: none; None: whatever holds.
        wait_s: see above.

    Raises:
        Conflict: it was waited for, and others hold than expected.
        BabbittError: it was waited for, and refused; the problem says why.
    """
    content = {"policy": rules.model_dump(mode="json", exclude_unset=True), "reason": reason}
    path, known = path_of("models", name, "policy"), only_if(expected)
    return Call("PATCH", path, answer_of(PolicyChange), headers=known, json=content).held(wait_s)


def policy_change(change_id: UUID | str, *, wait_s: float | None = None) -> Call[PolicyChange]:
    """What became of it; with `wait_s` the answer is held so many seconds until that is decided."""
    return get(PolicyChange, "policy-changes", change_id).held(wait_s)
