"""Models: versions, gates, aliases, and what serves."""

from typing import Literal
from uuid import UUID

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.envelope import Event, Request
from babbitt.contracts.names import (
    CHAMPION,
    AliasName,
    Label,
    ModelName,
    Reason,
    Reference,
    Sha256,
    UtcDatetime,
    VersionNumber,
)
from babbitt.contracts.topics import MODELS_ALIASES, MODELS_EVENTS, MODELS_REQUESTS
from babbitt.contracts.training import EvaluationSummary


class ModelRequest(Request):
    """What every request about a model says. `request_id` names the request; absent: it follows from the message."""

    model: ModelName
    request_id: UUID | None = None
    requested_by: Label | None = None

    def key(self) -> str:
        return self.model


class PromotionRequested(ModelRequest, topic=MODELS_REQUESTS):
    """Point an alias at a version, by hand."""

    version: VersionNumber
    alias: AliasName = CHAMPION
    reason: Reason


class RollbackRequested(ModelRequest, topic=MODELS_REQUESTS):
    """Point an alias back at the version it had before."""

    alias: AliasName = CHAMPION
    reason: Reason


class RetirementRequested(ModelRequest, topic=MODELS_REQUESTS):
    """Take a version out of use."""

    version: VersionNumber
    reason: Reason


class ModelEvent(Event):
    """What every event about a model says."""

    model: ModelName
    version: VersionNumber

    def key(self) -> str:
        return self.model


class ModelRegistered(ModelEvent, topic=MODELS_EVENTS):
    """A trained artifact became a version: copied to the registry's own prefix and verified."""

    job_id: UUID
    dataset: Sha256
    preset: str
    artifact: ObjectReference
    data_spec: DataSpec
    model_spec: ModelSpec
    evaluation: EvaluationSummary


class ModelGateEvaluated(ModelEvent, topic=MODELS_EVENTS):
    """One gate's result for a version.

    Attributes:
        gate: `digest`, `parity`, `accuracy_floor`, `no_worse`, `leakage`, `untested_classes`.
        outcome: `not_comparable`: the champion was tested on another split; `inconclusive`: the numbers prove nothing;
            a person decides.
        detail: what was compared, with the numbers.
    """

    gate: str
    outcome: Literal["passed", "failed", "not_comparable", "inconclusive"] | str
    detail: str


class ModelPromoted(ModelEvent, topic=MODELS_EVENTS):
    """An alias now points at another version. One for each change."""

    alias: AliasName
    replaced: VersionNumber | None
    reason: str
    automatic: bool = False
    requested_by: str | None = None


class ModelRolledBack(ModelEvent, topic=MODELS_EVENTS):
    """An alias points again at the version it had before."""

    alias: AliasName
    replaced: VersionNumber
    reason: str
    requested_by: str | None = None


class ModelRetired(ModelEvent, topic=MODELS_EVENTS):
    """A version is out of use."""

    reason: str


class AliasAssigned(Event, topic=MODELS_ALIASES):
    """What a reference of a model points at: all that inference needs to serve it.

    Attributes:
        reference: an alias, or a version number as text (which never moves).
        artifact: the verified ONNX file under the registry's prefix.
        assigned_at: when the reference was pointed here.
    """

    model: ModelName
    reference: Reference
    version: VersionNumber
    artifact: ObjectReference
    data_spec: DataSpec
    model_spec: ModelSpec
    assigned_at: UtcDatetime

    def key(self) -> str:
        return alias_key(self.model, self.reference)


def alias_key(model: str, reference: str) -> str:
    """The alias topic's key."""
    return f"{model}/{reference}"
