"""Training jobs as the API takes and gives them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.envelope import strictly
from babbitt.contracts.evaluations import EvaluationSummary, Parity
from babbitt.contracts.names import ClassName, Label, Sha256, VersionNumber
from babbitt.contracts.problems import Problem
from babbitt.contracts.training import JobKind
from babbitt.contracts.training_requests import ClassMap
from babbitt.gateway.texts import Body

type State = Literal["requested", "queued", "running", "completed", "failed", "cancelled", "refused"]

type Minutes = Annotated[float, Field(gt=0, le=10_080)]

ENDED = ("completed", "failed", "cancelled", "refused")


class NewEvaluation(Body):
    """A test of a version on a dataset's test split.

    Attributes:
        version: which one; null: the champion.
        class_map: what becomes of the dataset's classes, by name: another name, several for `multilabel`, or null:
            dropped.
        job_id: names the job; the same request with the same id again is the same job.
    """

    version: VersionNumber | None = None
    dataset: Sha256
    class_map: ClassMap = Field(
        default_factory=dict[ClassName, ClassName | tuple[ClassName, ...] | None], max_length=200
    )
    job_id: UUID | None = None
    budget_minutes: Minutes = 60.0


class NewImport(Body):
    """A version to be made of an ONNX file that was trained elsewhere.

    Attributes:
        upload: SHA-256 of the file, which was uploaded before.
        data_spec, model_spec: what it reads and answers; both are held against the file.
        dataset: on whose test split it is tested.
        origin: where it is from, for people.
        job_id: as in NewEvaluation.
    """

    upload: Sha256
    data_spec: Annotated[DataSpec, strictly(DataSpec)]
    model_spec: Annotated[ModelSpec, strictly(ModelSpec)]
    dataset: Sha256
    origin: Label | None = None
    job_id: UUID | None = None
    budget_minutes: Minutes = 60.0


class TrainingJob(BaseModel):
    """A job.

    Attributes:
        kind: `training`, `evaluation`, `import` or `tuning`.
        study: the tuning job whose trial it is.
        version: the one that an evaluation is about.
        request: as it was asked for; null where it was asked for elsewhere.
        run, runs: which of its runs it is in, of how many: folds, then seeds.
        epoch, epochs: how far that is.
        evaluation, parity, artifact, report: of the model that it ended with, or of the version that it tested.
        failure_kind, reason: why it ended without one; `problem`: why it was refused.
    """

    id: UUID
    state: State
    kind: JobKind | str
    study: UUID | None
    model: str
    version: int | None
    dataset: str | None
    preset: str | None
    request: dict[str, Any] | None
    waits_for_dataset: bool
    attempt: int | None
    device: str | None
    run: int | None
    runs: int | None
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
    """One point of the curves; losses are mean cross-entropy in nats, accuracy 0 to 1; null: nothing was held out.

    Attributes:
        run: which one of the job's, from 1: folds, then seeds; `run_name` says which.
        metrics: more of it, by name.
        eta_s: seconds until learning ended, as it then seemed, if it went on to the last epoch.
    """

    run: int
    run_name: str
    epoch: int
    train_loss: float
    validation_loss: float | None
    validation_accuracy: float | None
    learning_rate: float
    seconds: float
    metrics: dict[str, float]
    eta_s: float | None
    completed_at: datetime


class Curves(BaseModel):
    """The curves of a job: its runs in order, each from its first epoch.

    Attributes:
        items: those epochs of a run that show its shape best, where it has more than were asked for.
        epochs: how many there are in all.
    """

    job_id: UUID
    items: list[Epoch]
    epochs: int
