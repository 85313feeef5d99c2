"""Models: their versions, where their aliases point and pointed, and asking for another champion."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from babbitt.client.calls import Answer, Call, answer_of, get, only_if, path_of
from babbitt.client.pages import Page, list_call
from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.evaluations import CrossValidation, EvaluationSummary, Lineage, Parity, SeedResult, Variant
from babbitt.contracts.names import CHAMPION, FigureName
from babbitt.contracts.problems import Problem


class Model(Answer):
    """A line of versions.

    Attributes:
        versions: how many were registered; `latest_version` is the highest.
        champion: the version that answers when none is named.
        aliases: versions by alias.
    """

    name: str
    versions: int
    latest_version: int
    champion: int | None = None
    aliases: dict[str, int] = Field(default_factory=dict[str, int])
    registered_at: datetime


class Gate(Answer):
    """The last result of one gate of a version.

    Attributes:
        measured: its numbers by name; `champion`: the version that it was held against.
    """

    gate: str
    outcome: Literal["passed", "failed", "not_comparable", "inconclusive"] | str
    detail: str
    measured: dict[str, float] = Field(default_factory=dict[str, float])
    champion: int | None = None
    evaluated_at: datetime


class Version(Answer):
    """A version of a model, with its gates and the aliases that point at it.

    Attributes:
        report, predictions, figures, weights: its files.
        variants: forms of its file, measured; one of them is the artifact.
        seeds, cross_validation: of a job with several runs.
        lineage: what it is made of.
        verified: whether every file is what its digest says; else `finding` says what is not.
    """

    model: str
    version: int
    job_id: UUID
    dataset: str
    preset: str
    artifact: ObjectReference
    data_spec: DataSpec
    model_spec: ModelSpec
    evaluation: EvaluationSummary
    report: ObjectReference | None = None
    predictions: ObjectReference | None = None
    weights: ObjectReference | None = None
    figures: dict[FigureName, ObjectReference] = Field(default_factory=dict[FigureName, ObjectReference])
    parity: Parity | None = None
    variants: tuple[Variant, ...] = ()
    seeds: tuple[SeedResult, ...] = ()
    cross_validation: CrossValidation | None = None
    lineage: Lineage = Lineage()
    verified: bool = True
    finding: str = ""
    signed_by: str | None = None
    requested_by: str | None = None
    registered_at: datetime
    retired_at: datetime | None = None
    gates: tuple[Gate, ...] = ()
    aliases: tuple[str, ...] = ()


class Alias(Answer):
    """Where an alias points now. `digest`: of the version's ONNX file."""

    reference: str
    version: int
    digest: str
    assigned_at: datetime


class Change(Answer):
    """One entry of a model's history."""

    kind: Literal["promoted", "rolled_back", "alias_removed", "retired"] | str
    alias: str | None = None
    version: int
    replaced: int | None = None
    reason: str
    automatic: bool = False
    requested_by: str | None = None
    at: datetime


class Promotion(Answer):
    """A promotion, rollback or removal of an alias that was asked for.

    Attributes:
        state: `requested` until the registry has decided.
        version: where the alias points, once that is known; `replaced`: where it pointed.
        problem: why it was refused.
    """

    id: UUID
    kind: Literal["promotion", "rollback", "removal"] | str
    state: Literal["requested", "applied", "refused"] | str
    model: str
    alias: str
    version: int | None = None
    replaced: int | None = None
    reason: str
    problem: Problem | None = None
    requested_by: str | None = None
    created_at: datetime
    updated_at: datetime


def models() -> Call[Page[Model]]:
    """All models, by name."""
    return list_call(path_of("models"), Model)


def model(name: str) -> Call[Model]:
    """One model."""
    return get(Model, "models", name)


def versions(name: str) -> Call[Page[Version]]:
    """A model's versions, the newest first."""
    return list_call(path_of("models", name, "versions"), Version)


def version(name: str, number: int) -> Call[Version]:
    """One version of a model."""
    return get(Version, "models", name, "versions", number)


def aliases(name: str) -> Call[Page[Alias]]:
    """Where a model's aliases point now."""
    return list_call(path_of("models", name, "aliases"), Alias)


def history(name: str, *, at: datetime | None = None) -> Call[Page[Change]]:
    """What changed up to a moment (with its zone), or up to now; the newest first."""
    return list_call(path_of("models", name, "history"), Change, at=at.isoformat() if at else None)


def promote(
    name: str,
    number: int,
    *,
    reason: str,
    alias: str = CHAMPION,
    expected: int | None = None,
    wait_s: float | None = None,
) -> Call[Promotion]:
    """Ask for an alias to point at a version.

    Args:
        name: of the model.
        number: of the version.
        reason: the history keeps it.
        alias: which; one that is not there yet is made.
        expected: where it is thought to point, 0: nowhere; if by then it points elsewhere, the promotion is refused.
            None: where it points by what the gateway has heard.
        wait_s: hold the answer so many seconds until it is decided.

    Raises:
        Conflict: it was waited for, and the alias was moved meanwhile.
        BabbittError: it was waited for, and refused; the problem says why.
    """
    content = {"version": number, "alias": alias, "reason": reason}
    return _move(path_of("models", name, "promotions"), content, expected).held(wait_s)


def roll_back(
    name: str, *, reason: str, alias: str = CHAMPION, expected: int | None = None, wait_s: float | None = None
) -> Call[Promotion]:
    """Ask for an alias to point back at the version that it had before; the rest as `promote`."""
    return _move(path_of("models", name, "rollbacks"), {"alias": alias, "reason": reason}, expected).held(wait_s)


def _move(path: str, content: Mapping[str, object], expected: int | None) -> Call[Promotion]:
    """With the alias's ETag as it is thought to be, where that is said."""
    return Call("POST", path, answer_of(Promotion), headers=only_if(expected), json=content)


def promotion(promotion_id: UUID | str, *, wait_s: float | None = None) -> Call[Promotion]:
    """A promotion, rollback or removal; with `wait_s` the answer is held so many seconds until it is decided."""
    return get(Promotion, "promotions", promotion_id).held(wait_s)
