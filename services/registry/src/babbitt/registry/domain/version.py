"""A version: what one training job made, numbered from 1 within its model."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.evaluations import EvaluationSummary, Parity


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trained artifact that asks to become a version.

    Attributes:
        artifact: the ONNX file, under the registry's own prefix when `verified`.
        verified: whether the file is what its digest says.
        finding: what the verification found.
    """

    job_id: UUID
    dataset: str
    preset: str
    artifact: ObjectReference
    data_spec: DataSpec
    model_spec: ModelSpec
    evaluation: EvaluationSummary
    parity: Parity
    verified: bool
    finding: str


@dataclass(slots=True)
class Version:
    """A candidate with a number; `retired` takes it out of use for good."""

    number: int
    candidate: Candidate
    registered_at: datetime
    retired: bool = field(default=False)
