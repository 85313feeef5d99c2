"""What the registry says of models: versions, gates, aliases, and what serves."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.envelope import Event
from babbitt.contracts.evaluations import CrossValidation, EvaluationSummary, Lineage, Parity, SeedResult, Variant
from babbitt.contracts.model_requests import GatePolicy
from babbitt.contracts.names import AliasName, ModelName, Reference, Sha256, UtcDatetime, VersionNumber
from babbitt.contracts.topics import MODELS_ALIASES, MODELS_EVENTS


class ModelEvent(Event):
    """What every event about a model's version says. `at`: when it was decided; None: when it was said."""

    model: ModelName
    version: VersionNumber
    at: UtcDatetime | None = None

    def key(self) -> str:
        return self.model


class ModelRegistered(ModelEvent, topic=MODELS_EVENTS):
    """A trained artifact became a version: copied to the registry's own prefix and verified.

    Holds all that the registry knows of a version: from these events it can make its tables anew.

    Attributes:
        report, predictions, weights, figures, variants: copies under the registry's own prefix, by digest.
        verified: whether every file is what its digest says; `finding` tells.
        signed_by: name of the key whose signature was verified; None: no key is configured.
    """

    job_id: UUID
    dataset: Sha256
    preset: str
    artifact: ObjectReference
    data_spec: DataSpec
    model_spec: ModelSpec
    evaluation: EvaluationSummary
    parity: Parity | None = None
    report: ObjectReference | None = None
    predictions: ObjectReference | None = None
    weights: ObjectReference | None = None
    figures: dict[str, ObjectReference] = Field(default_factory=dict[str, ObjectReference])
    variants: tuple[Variant, ...] = ()
    seeds: tuple[SeedResult, ...] = ()
    cross_validation: CrossValidation | None = None
    lineage: Lineage = Lineage()
    verified: bool = True
    finding: str = ""
    signed_by: str | None = None
    requested_by: str | None = None


class ModelGateEvaluated(ModelEvent, topic=MODELS_EVENTS):
    """One gate's result for a version.

    Attributes:
        gate: `digest`, `signature`, `parity`, `latency`, `accuracy_floor`, `no_worse`, `per_class`, `interface`,
            `evidence`, `leakage`, `untested_classes`, `quick`, `policy`.
        outcome: `not_comparable`: the champion was tested on another split; `inconclusive`: the numbers prove nothing;
            a person decides.
        detail: what was compared, with the numbers.
        measured: these numbers by name: `difference`, `lower_bound`, `margin`, `mcnemar_p`, `groups`, `records`.
        champion: the version that it was compared with.
    """

    gate: str
    outcome: Literal["passed", "failed", "not_comparable", "inconclusive"] | str
    detail: str
    measured: dict[str, float] = Field(default_factory=dict[str, float])
    champion: VersionNumber | None = None


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
    requested_by: str | None = None


class AliasRemoved(ModelEvent, topic=MODELS_EVENTS):
    """An alias is gone; `version` is what it pointed at."""

    alias: AliasName
    reason: str
    requested_by: str | None = None


class ModelPolicyChanged(Event, topic=MODELS_EVENTS):
    """Other rules hold for a model's next versions."""

    model: ModelName
    policy: GatePolicy
    reason: str
    requested_by: str | None = None

    def key(self) -> str:
        return self.model


class RetentionCompleted(Event, topic=MODELS_EVENTS):
    """What a model's policy does not keep was retired, or with `dry_run` would be.

    Attributes:
        retired: the versions.
        kept: why the other ones are kept, by version number as text.
    """

    model: ModelName
    dry_run: bool
    retired: tuple[VersionNumber, ...]
    kept: dict[str, str] = Field(default_factory=dict[str, str])
    reason: str
    requested_by: str | None = None

    def key(self) -> str:
        return self.model


class AliasAssigned(Event, topic=MODELS_ALIASES):
    """What a reference of a model points at: all that inference needs to serve it.

    Attributes:
        reference: an alias, or a version number as text (which never moves).
        artifact: the verified ONNX file under the registry's prefix.
        assigned_at: when the reference was pointed here.
        weights: the module's tensors, for a training that goes on from them.
        predictions: paired predictions on the test split that the version was tested on.
        evaluation: how it did there.
        train_records: digests of the records that it learnt from.
    """

    model: ModelName
    reference: Reference
    version: VersionNumber
    artifact: ObjectReference
    data_spec: DataSpec
    model_spec: ModelSpec
    assigned_at: UtcDatetime
    weights: ObjectReference | None = None
    predictions: ObjectReference | None = None
    evaluation: EvaluationSummary | None = None
    train_records: ObjectReference | None = None

    def key(self) -> str:
        return alias_key(self.model, self.reference)


def alias_key(model: str, reference: str) -> str:
    """The alias topic's key."""
    return f"{model}/{reference}"
