"""A version: what one training job made, numbered from 1 within its model."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.evaluations import CrossValidation, EvaluationSummary, Lineage, Parity, SeedResult, Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A trained artifact that asks to become a version; nothing of it ever changes.

    Attributes:
        artifact: the ONNX file.
        report, predictions, weights, figures, variants: what came with it. All files lie under the registry's own
            prefix when `verified`.
        parity: None: an earlier version did not keep it.
        verified: whether every file is what its digest says, and signed by a trusted key where any is configured.
        finding: what the verification found.
        signed_by: name of that key.
    """

    job_id: UUID
    dataset: str
    preset: str
    artifact: ObjectReference
    data_spec: DataSpec
    model_spec: ModelSpec
    evaluation: EvaluationSummary
    parity: Parity | None
    report: ObjectReference | None = None
    predictions: ObjectReference | None = None
    weights: ObjectReference | None = None
    figures: dict[str, ObjectReference] = field(default_factory=dict[str, ObjectReference])
    variants: tuple[Variant, ...] = ()
    seeds: tuple[SeedResult, ...] = ()
    cross_validation: CrossValidation | None = None
    lineage: Lineage = Lineage()  # noqa: RUF009 - frozen
    verified: bool
    finding: str
    signed_by: str | None = None
    requested_by: str | None = None


@dataclass(slots=True)
class Version:
    """A candidate with a number; `retired` takes it out of use for good."""

    number: int
    candidate: Candidate
    registered_at: datetime
    retired: bool = field(default=False)
