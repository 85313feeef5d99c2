"""What is said when an alias moves."""

from datetime import datetime

from babbitt.contracts.models import AliasAssigned, ModelPromoted, ModelRolledBack
from babbitt.registry.application.ports import Story
from babbitt.registry.domain.model import Assignment
from babbitt.registry.domain.version import Version


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
    )
