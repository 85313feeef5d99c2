"""Training jobs: submit one, read how it goes, cancel it."""

from datetime import datetime
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from babbitt.client.calls import Answer, Call, answer_of, get, path_of
from babbitt.client.frames import axes_for, frame_of
from babbitt.client.pages import Page, list_call
from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.evaluations import EvaluationSummary, Parity
from babbitt.contracts.names import new_id
from babbitt.contracts.problems import Problem
from babbitt.contracts.recipes import TrainOverrides

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

ENDED = frozenset({"completed", "failed", "cancelled", "refused"})


class TrainingJob(Answer):
    """What is known of a job.

    Attributes:
        state: how far it is; see `has_ended`.
        waits_for_dataset: its dataset is not there yet.
        attempt: how often a worker took it.
        epoch, epochs: how many are done, and how many there will be at most.
        evaluation, parity, artifact, report: of the model that it ended with.
        seconds: that the training took.
        failure_kind, reason: why it ended without a model.
        problem: why it was refused.
    """

    id: UUID
    state: Literal["requested", "queued", "running", "completed", "failed", "cancelled", "refused"] | str
    model: str
    dataset: str | None = None
    preset: str | None = None
    waits_for_dataset: bool = False
    attempt: int | None = None
    device: str | None = None
    epoch: int | None = None
    epochs: int | None = None
    evaluation: EvaluationSummary | None = None
    parity: Parity | None = None
    artifact: ObjectReference | None = None
    report: ObjectReference | None = None
    seconds: float | None = None
    failure_kind: str | None = None
    reason: str | None = None
    problem: Problem | None = None
    requested_by: str | None = None
    cancel_requested_at: datetime | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will become of it."""
        return self.state in ENDED


class Epoch(Answer):
    """One point of the curves; losses are mean cross-entropy in nats, accuracy 0 to 1."""

    epoch: int
    train_loss: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float
    seconds: float
    completed_at: datetime


class Curves(Answer):
    """The curves of a job, epoch by epoch."""

    job_id: UUID
    items: tuple[Epoch, ...]

    def to_frame(self) -> "DataFrame":
        """A row an epoch. Raises MissingExtra: pandas is not installed."""
        return frame_of(one.model_dump() for one in self.items)

    def plot(self, axes: "Axes | None" = None) -> "Axes":
        """Losses over epochs. Raises MissingExtra: matplotlib is not installed."""
        axes = axes_for("learning", axes)
        for name, style in (("validation_loss", "-"), ("train_loss", ":")):
            axes.plot([one.epoch for one in self.items], [getattr(one, name) for one in self.items], style, label=name)
        axes.set(xlabel="epoch", ylabel="loss, nats")
        axes.legend()
        return axes


def train(
    model: str,
    dataset: str,
    *,
    preset: str | None = None,
    overrides: TrainOverrides | None = None,
    seed: int | None = None,
    budget_minutes: float | None = None,
    job_id: UUID | None = None,
    wait_s: float | None = None,
) -> Call[TrainingJob]:
    """Ask for a training job; what is None is left to the service. The same request with the same id is the same job.

    Args:
        model: name of the line of versions that the result joins.
        dataset: id of the dataset; a job whose dataset is not there yet waits for it.
        preset: model family and size.
        overrides: what replaces the preset's values.
        seed: the same seed gives the same weights.
        budget_minutes: the job fails when it takes longer.
        job_id: names the job, so that its events can be read from the first on; None: a new one.
        wait_s: seconds that the answer is held until the job is queued, or refused; None: answered at once.
    """
    content = {
        "model": model,
        "dataset": dataset,
        "job_id": str(job_id or new_id()),  # named here, so that a request that is sent again is still one job
        "preset": preset,
        "overrides": overrides.model_dump(exclude_none=True) if overrides else None,
        "seed": seed,
        "budget_minutes": budget_minutes,
    }
    content = {name: value for name, value in content.items() if value is not None}
    return Call("POST", path_of("training-jobs"), answer_of(TrainingJob), json=content, repeatable=True).held(wait_s)


def training_job(job_id: UUID | str, *, wait_s: float | None = None) -> Call[TrainingJob]:
    """One job; with `wait_s` the answer is held so many seconds until it has ended."""
    return get(TrainingJob, "training-jobs", job_id).held(wait_s)


def training_jobs(*, model: str | None = None, state: str | None = None) -> Call[Page[TrainingJob]]:
    """Jobs, the newest first."""
    return list_call(path_of("training-jobs"), TrainingJob, model=model, state=state)


def training_curves(job_id: UUID | str) -> Call[Curves]:
    """A job's losses and accuracy, epoch by epoch."""
    return get(Curves, "training-jobs", job_id, "curves")


def cancel_training(job_id: UUID | str, *, wait_s: float | None = None) -> Call[TrainingJob]:
    """Ask for a job's end; with `wait_s` the answer is held so many seconds until it has ended."""
    return Call("DELETE", path_of("training-jobs", job_id), answer_of(TrainingJob)).held(wait_s)
