"""Models as the API takes and gives them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.envelope import only_said, strictly
from babbitt.contracts.evaluations import CrossValidation, EvaluationSummary, Lineage, Parity, SeedResult, Variant
from babbitt.contracts.model_requests import GatePolicy
from babbitt.contracts.names import CHAMPION, AliasName, Reason, VersionNumber
from babbitt.contracts.problems import Problem
from babbitt.gateway.pagination import Page
from babbitt.gateway.texts import Body


class Alias(BaseModel):
    """What a reference points at: an alias, or a version by its number."""

    reference: str
    version: int
    digest: str
    assigned_at: datetime


class Model(BaseModel):
    """A line of versions.

    Attributes:
        latest_version: the highest one registered.
        champion: the version that answers when none is named.
        aliases: versions by alias.
    """

    name: str
    versions: int
    latest_version: int
    champion: int | None
    aliases: dict[str, int]
    registered_at: datetime


class Gate(BaseModel):
    """The last result of one gate of a version.

    Attributes:
        measured: the numbers by name; `champion`: the version that it was held against.
    """

    gate: str
    outcome: str
    detail: str
    measured: dict[str, float] = {}
    champion: int | None = None
    evaluated_at: datetime


class Version(BaseModel):
    """A version of a model, with its gates and the aliases that point at it.

    Attributes:
        report, predictions, figures, weights: its files; `…/report` and so on serve them.
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
    figures: dict[str, ObjectReference] = {}
    parity: Parity | None = None
    variants: list[Variant] = []
    seeds: list[SeedResult] = []
    cross_validation: CrossValidation | None = None
    lineage: Lineage = Lineage()
    verified: bool = True
    finding: str = ""
    signed_by: str | None = None
    requested_by: str | None = None
    registered_at: datetime
    retired_at: datetime | None = None
    gates: list[Gate] = []
    aliases: list[str] = []


class Aliases(BaseModel):
    """A model's aliases."""

    items: list[Alias]


class Change(BaseModel):
    """One entry of a model's history."""

    kind: Literal["promoted", "rolled_back", "alias_removed", "retired"]
    alias: str | None
    version: int
    replaced: int | None
    reason: str
    automatic: bool
    requested_by: str | None
    at: datetime


class History(Page[Change]):
    """What changed, the newest first.

    Attributes:
        aliases: where the aliases pointed after the last change, on whichever page that is.
        serving: by alias, the change by which it pointed there: since when, why, and who wanted it.
    """

    aliases: dict[str, int]
    serving: dict[str, Change]


class NewPromotion(Body):
    """Point an alias at a version."""

    version: VersionNumber
    alias: AliasName = CHAMPION
    reason: Reason


class NewRollback(Body):
    """Point an alias back at the version that it had before."""

    alias: AliasName = CHAMPION
    reason: Reason


class Promotion(BaseModel):
    """A promotion, rollback or removal of an alias that was asked for.

    Attributes:
        state: `requested` until the registry has decided.
        version: where the alias points, once that is known; null: of an alias that is removed.
        replaced: where it pointed before.
        problem: why it was refused.
    """

    id: UUID
    kind: Literal["promotion", "rollback", "removal"]
    state: Literal["requested", "applied", "refused"]
    model: str
    alias: str
    version: int | None
    replaced: int | None
    reason: str
    problem: Problem | None
    requested_by: str | None
    created_at: datetime
    updated_at: datetime


class Policy(BaseModel):
    """The rules for a model's next versions.

    Attributes:
        policy: null: they were never told; the next version's gates will.
        revision: of the model, by which they came to hold: what a change may expect.
        reason, requested_by, changed_at: of their last change.
    """

    model: str
    policy: GatePolicy | None = None
    revision: int | None = None
    reason: str | None = None
    requested_by: str | None = None
    changed_at: datetime | None = None


class NewPolicy(Body):
    """Other rules for a model's next versions. What is left out stays with PATCH, and is a default with PUT."""

    policy: Annotated[GatePolicy, strictly(GatePolicy)]
    reason: Reason


class PolicyChange(BaseModel):
    """A change of rules that was asked for.

    Attributes:
        state: `requested` until the registry has done it.
        policy: the rules that were asked for; others stayed.
        problem: why it was refused.
    """

    id: UUID
    state: Literal["requested", "applied", "refused"]
    model: str
    policy: Annotated[GatePolicy, only_said()]
    reason: str
    problem: Problem | None
    requested_by: str | None
    created_at: datetime
    updated_at: datetime


class NewRetention(Body):
    """Retire what the model's policy does not keep, or only say what that would be."""

    dry_run: bool = True
    reason: Reason


class Retention(BaseModel):
    """Retention that was asked for.

    Attributes:
        state: `requested` until the registry has done it.
        retired: the versions that nothing keeps: with `dry_run` those that would be retired.
        kept: by version, why it is kept.
        problem: why it was refused.
    """

    id: UUID
    state: Literal["requested", "applied", "refused"]
    model: str
    dry_run: bool
    retired: list[int] | None
    kept: dict[str, str] | None
    reason: str
    problem: Problem | None
    requested_by: str | None
    created_at: datetime
    updated_at: datetime
