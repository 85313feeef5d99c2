"""Training: jobs are asked for, run epoch by epoch, and end once."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.envelope import Event, Request, RequestPart
from babbitt.contracts.names import Label, ModelName, Reason, Sha256
from babbitt.contracts.topics import TRAINING_EVENTS, TRAINING_REQUESTS


class TrainOverrides(RequestPart):
    """What replaces the preset's own values."""

    epochs: Annotated[int, Field(ge=1, le=10_000)] | None = None
    batch_size: Annotated[int, Field(ge=1, le=65_536)] | None = None
    learning_rate: Annotated[float, Field(gt=0, le=10)] | None = None
    patience: Annotated[int, Field(ge=1, le=10_000)] | None = None


class TrainRequested(Request, topic=TRAINING_REQUESTS):
    """Train a model on a dataset.

    Attributes:
        model: name of the line of versions that the result joins.
        dataset: id of the dataset; a job whose dataset is not there yet waits for it.
        job_id: names the job; absent: it follows from the message, so a repeat is the same job.
        preset: model family and size.
        overrides: what replaces the preset's values.
        seed: same seed, build, CPU family and thread count: same weights.
        budget_minutes: the job fails when it takes longer.
        requested_by: information, not proof.
    """

    model: ModelName
    dataset: Sha256
    job_id: UUID | None = None
    preset: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,63}$")] = "spectral_base"
    overrides: TrainOverrides = TrainOverrides()
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    budget_minutes: Annotated[float, Field(gt=0, le=10_080)] = 120.0
    requested_by: Label | None = None

    def key(self) -> str:
        return str(self.job_id) if self.job_id else self.model


class TrainCancelRequested(Request, topic=TRAINING_REQUESTS):
    """Stop a job. A cancel that comes before its job is remembered."""

    job_id: UUID
    reason: Reason | None = None
    requested_by: Label | None = None

    def key(self) -> str:
        return str(self.job_id)


class JobEvent(Event):
    """What every event about a job says."""

    job_id: UUID
    model: ModelName

    def key(self) -> str:
        return str(self.job_id)


class TrainQueued(JobEvent, topic=TRAINING_EVENTS):
    """The job is accepted. `waits_for_dataset`: its dataset is not there yet."""

    dataset: Sha256
    preset: str
    waits_for_dataset: bool = False
    requested_by: str | None = None


class TrainStarted(JobEvent, topic=TRAINING_EVENTS):
    """A worker took the job. `resumes_from_epoch` is 0 for a start from nothing."""

    attempt: int
    epochs: int
    resumes_from_epoch: int = 0
    device: str = "cpu"


class EpochCompleted(JobEvent, topic=TRAINING_EVENTS):
    """One pass over the training split. Its event id follows from (job, epoch): a repeat is the same event.

    Attributes:
        epoch: from 1.
        epochs: how many there will be at most.
        train_loss, validation_loss: mean cross-entropy in nats.
        validation_accuracy: share of validation records answered right, 0 to 1.
        learning_rate: of this epoch's last step.
        seconds: wall time of the epoch.
    """

    epoch: int
    epochs: int
    train_loss: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float
    seconds: float


class CheckpointSaved(JobEvent, topic=TRAINING_EVENTS):
    """The job can resume after this epoch."""

    epoch: int
    checkpoint: ObjectReference


class Parity(BaseModel):
    """How far the exported graph is from the trained module.

    Attributes:
        max_abs_difference: worst difference of a probability.
        bound: what is allowed.
        windows: how many real windows were compared.
    """

    model_config = ConfigDict(frozen=True)

    max_abs_difference: float
    bound: float
    windows: int


class EvaluationSummary(BaseModel):
    """How a version did on the test split, by the exported file that serves.

    Attributes:
        test_split_sha256: digest of the split; versions compare only on the same one.
        split_kind: `time` is optimistic.
        split_in_time: classes with one group, which a split by group divides in time: what is said of them is as
            optimistic, and counts as evidence of that kind.
        accepted_leakage: why its splits may share samples, where they may: then the numbers prove nothing.
        records, windows: how many were answered.
        record_accuracy, window_accuracy, macro_f1: 0 to 1.
        record_accuracy_apart: of the records of the other classes alone; None: no class is divided in time, or no other
            was tested.
        per_class: recall by class, of those that were tested.
    """

    model_config = ConfigDict(frozen=True)

    test_split_sha256: Sha256
    split_kind: str
    split_in_time: tuple[str, ...] = ()
    accepted_leakage: str | None = None
    records: int
    windows: int
    record_accuracy: float
    record_accuracy_apart: float | None = None
    window_accuracy: float
    macro_f1: float
    per_class: dict[str, float] = {}


class TrainCompleted(JobEvent, topic=TRAINING_EVENTS):
    """The job ended with a model: an ONNX file in the object store under training's prefix.

    Attributes:
        artifact: the ONNX file.
        report: the full evaluation, JSON.
        predictions: paired predictions on the test split (record, truth, probabilities), JSON.
    """

    dataset: Sha256
    preset: str
    artifact: ObjectReference
    report: ObjectReference
    predictions: ObjectReference
    data_spec: DataSpec
    model_spec: ModelSpec
    evaluation: EvaluationSummary
    parity: Parity
    epochs: int
    seconds: float
    device: str = "cpu"
    requested_by: str | None = None


class TrainFailed(JobEvent, topic=TRAINING_EVENTS):
    """A queued job ended without a model.

    Attributes:
        kind: what it was, for programs.
        reason: what it was, for people.
    """

    kind: Literal["dataset_missing", "dataset_unusable", "time_limit", "attempts_exhausted", "training_error"] | str
    reason: str


class TrainCancelled(JobEvent, topic=TRAINING_EVENTS):
    """The job was stopped because somebody asked for it."""

    reason: str | None = None
