"""Training jobs as the API takes and gives them."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.evaluations import EvaluationSummary, Parity
from babbitt.contracts.problems import Problem

type State = Literal["requested", "queued", "running", "completed", "failed", "cancelled", "refused"]

ENDED = ("completed", "failed", "cancelled", "refused")


class TrainingJob(BaseModel):
    """A job.

    Attributes:
        request: as it was asked for; null where it was asked for elsewhere.
        epoch, epochs: how far it is.
        evaluation, parity, artifact, report: of the model that it ended with.
        failure_kind, reason: why it ended without one; `problem`: why it was refused.
    """

    id: UUID
    state: State
    model: str
    dataset: str | None
    preset: str | None
    request: dict[str, Any] | None
    waits_for_dataset: bool
    attempt: int | None
    device: str | None
    epoch: int | None
    epochs: int | None
    evaluation: EvaluationSummary | None
    parity: Parity | None
    artifact: ObjectReference | None
    report: ObjectReference | None
    seconds: float | None
    failure_kind: str | None
    reason: str | None
    problem: Problem | None
    requested_by: str | None
    cancel_requested_at: datetime | None
    created_at: datetime
    updated_at: datetime


class Epoch(BaseModel):
    """One point of the curves; losses are mean cross-entropy in nats, accuracy 0 to 1."""

    epoch: int
    train_loss: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float
    seconds: float
    completed_at: datetime


class Curves(BaseModel):
    """The curves of a job, epoch by epoch."""

    job_id: UUID
    items: list[Epoch]
