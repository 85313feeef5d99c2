"""What is said of versions, and when an alias moves."""

from dataclasses import fields
from datetime import datetime

from babbitt.chassis.outbox import Outbox
from babbitt.contracts.models import (
    AliasAssigned,
    ModelGateEvaluated,
    ModelPromoted,
    ModelRegistered,
    ModelRetired,
    ModelRolledBack,
    alias_key,
)
from babbitt.contracts.topics import MODELS_ALIASES
from babbitt.registry.application.ports import Story
from babbitt.registry.domain.gates.case import GateResult
from babbitt.registry.domain.model import Assignment, Model
from babbitt.registry.domain.version import Version


def registered(model: str, version: Version) -> ModelRegistered:
    """All that is known of a version."""
    candidate = version.candidate
    facts = {one.name: getattr(candidate, one.name) for one in fields(candidate)}
    return ModelRegistered(model=model, version=version.number, at=version.registered_at, **facts)


def gate_evaluated(model: str, version: Version, result: GateResult) -> ModelGateEvaluated:
    """What a gate says of a version."""
    return ModelGateEvaluated(
        model=model,
        version=version.number,
        gate=result.gate,
        outcome=result.outcome,
        detail=result.detail,
        measured=dict(result.measured),
        champion=result.champion,
        at=version.registered_at,
    )


def alias_assigned(model: str, reference: str, version: Version, at: datetime) -> AliasAssigned:
    """What a reference points at, and since when."""
    candidate = version.candidate
    return AliasAssigned(
        model=model,
        reference=reference,
        version=version.number,
        artifact=candidate.artifact,
        data_spec=candidate.data_spec,
        model_spec=candidate.model_spec,
        assigned_at=at,
        weights=candidate.weights,
        predictions=candidate.predictions,
        evaluation=candidate.evaluation,
        train_records=candidate.lineage.train_records,
    )


def assigned(assignment: Assignment) -> AliasAssigned:
    """What inference and gateway serve from, now that an alias has moved."""
    return alias_assigned(assignment.model, assignment.alias, assignment.version, assignment.at)


def promoted(assignment: Assignment, story: Story) -> ModelPromoted:
    """What is told of a promotion."""
    return ModelPromoted(
        model=assignment.model,
        version=assignment.version.number,
        alias=assignment.alias,
        replaced=assignment.replaced,
        reason=story.reason,
        automatic=story.automatic,
        requested_by=story.requested_by,
        at=assignment.at,
    )


def rolled_back(assignment: Assignment, replaced: int, story: Story) -> ModelRolledBack:
    """What is told of a rollback."""
    return ModelRolledBack(
        model=assignment.model,
        version=assignment.version.number,
        alias=assignment.alias,
        replaced=replaced,
        reason=story.reason,
        requested_by=story.requested_by,
        at=assignment.at,
    )


async def say_retired(outbox: Outbox, model: Model, number: int, reason: str, requested_by: str | None) -> None:
    """Tell that a version is out of use, and end its number."""
    retired = ModelRetired(model=model.name, version=number, reason=reason, requested_by=requested_by)
    await outbox.publish(retired, sequence=model.revision)
    await outbox.tombstone(MODELS_ALIASES, alias_key(model.name, str(number)))
