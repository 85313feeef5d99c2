"""Training jobs: submit one, read how it goes, cancel it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from pydantic import Field

from babbitt.client.calls import Answer, Call, answer_of, get, path_of
from babbitt.client.frames import axes_for, frame_of
from babbitt.client.pages import Page, list_call
from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.evaluations import EvaluationSummary, Parity
from babbitt.contracts.names import new_id
from babbitt.contracts.problems import Problem
from babbitt.contracts.recipes import TrainOverrides
from babbitt.contracts.training import JobKind
from babbitt.contracts.training_requests import Task

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

ENDED = frozenset({"completed", "failed", "cancelled", "refused"})


class TrainingJob(Answer):
    """What is known of a job.

    Attributes:
        kind: `training`, `evaluation`, `import` or `tuning`; `study`: the tuning job whose trial it is.
        version: the one that an evaluation is about.
        state: how far it is; see `has_ended`.
        waits_for_dataset: its dataset is not there yet.
        attempt: how often a worker took it.
        run, runs: which of its runs it is in, of how many: folds, then seeds.
        epoch, epochs: how many of that are done, and how many there will be at most.
        evaluation, parity, artifact, report: of the model that it ended with, or of the version that it tested.
        seconds: that the training took.
        failure_kind, reason: why it ended without a model.
        problem: why it was refused.
    """

    id: UUID
    state: Literal["requested", "queued", "running", "completed", "failed", "cancelled", "refused"] | str
    kind: JobKind | str = "training"
    study: UUID | None = None
    model: str
    version: int | None = None
    dataset: str | None = None
    preset: str | None = None
    waits_for_dataset: bool = False
    attempt: int | None = None
    device: str | None = None
    run: int | None = None
    runs: int | None = None
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
    """One point of the curves; losses are mean cross-entropy in nats, accuracy 0 to 1.

    Attributes:
        run: which one of the job's, from 1; `run_name` says which, where there are several.
        metrics: more of it, by name.
        eta_s: seconds until learning ended, as it then seemed.
    """

    run: int = 1
    run_name: str = ""
    epoch: int
    train_loss: float
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    learning_rate: float
    seconds: float
    metrics: dict[str, float] = Field(default_factory=dict[str, float])
    eta_s: float | None = None
    completed_at: datetime


class Curves(Answer):
    """The curves of a job: its runs in order, each from its first epoch.

    Attributes:
        epochs: how many there are in all; more than items where they were thinned.
    """

    job_id: UUID
    items: tuple[Epoch, ...]
    epochs: int | None = None

    def by_run(self) -> list[list[Epoch]]:
        """The epochs of each run."""
        return [list(epochs) for _, epochs in groupby(self.items, key=lambda one: one.run)]

    def to_frame(self) -> "DataFrame":
        """A row an epoch. Raises MissingExtra: pandas is not installed."""
        return frame_of(one.model_dump() for one in self.items)

    def plot(self, axes: "Axes | None" = None) -> "Axes":
        """Losses over epochs, each run by itself. Raises MissingExtra: matplotlib is not installed."""
        axes = axes_for("learning", axes)
        for epochs in self.by_run():
            for name, style in (("validation_loss", "-"), ("train_loss", ":")):
                label = f"{name} {epochs[0].run_name}".rstrip()
                told = [(one.epoch, loss) for one in epochs if (loss := getattr(one, name)) is not None]
                if told:
                    axes.plot(*zip(*told, strict=True), style, label=label)
        axes.set(xlabel="epoch", ylabel="loss, nats")
        axes.legend()
        return axes


def train(
    model: str,
    dataset: str,
    *,
    preset: str | None = None,
    task: Task | None = None,
    overrides: TrainOverrides | None = None,
    class_map: Mapping[str, str | Sequence[str] | None] | None = None,
    base_version: int | None = None,
    members: Sequence[int] = (),
    folds: int | str | None = None,
    seed: int | None = None,
    seeds: Sequence[int] = (),
    budget_minutes: float | None = None,
    quick: bool = False,
    job_id: UUID | None = None,
    wait_s: float | None = None,
) -> Call[TrainingJob]:
    """Ask for a training job; what is None is left to the service. The same request with the same id is the same job.

    Args:
        model: name of the line of versions that the result joins.
        dataset: id of the dataset; a job whose dataset is not there yet waits for it.
        preset: model family and size.
        task: what is to be told; None: what the dataset says.
        overrides: what replaces the preset's values.
        class_map: what becomes of the dataset's classes, by name: another name, None (dropped), or for `multilabel` the
            faults that the class stands for.
        base_version: the version of this model that learning goes on from, or whose embedding a `prototype` reads.
        members: the versions of this model that an `ensemble` asks.
        folds: also train on all but some groups, in turn: so many parts, or `leave_one_group_out`.
        seed: the same seed gives the same weights.
        seeds: several runs instead; the one with the lowest validation loss becomes the version.
        budget_minutes: learning ends in time for the rest to be done.
        quick: a trial of two minutes at most, never promoted by itself.
        job_id: names the job, so that its events can be read from the first on; None: a new one.
        wait_s: seconds that the answer is held until the job is queued, or refused; None: answered at once.
    """
    content = {
        "model": model,
        "dataset": dataset,
        "job_id": str(job_id or new_id()),  # named here, so that a request that is sent again is still one job
        "preset": preset,
        "task": task,
        "class_map": class_map,
        "base_version": base_version,
        "members": list(members) or None,
        "folds": folds,
        "seeds": list(seeds) or None,
        "quick": quick or None,
        "overrides": overrides.model_dump(exclude_none=True, exclude=_left_out(overrides)) if overrides else None,
        "seed": seed,
        "budget_minutes": budget_minutes,
    }
    content = {name: value for name, value in content.items() if value is not None}
    return Call("POST", path_of("training-jobs"), answer_of(TrainingJob), json=content, repeatable=True).held(wait_s)


def _left_out(overrides: TrainOverrides) -> set[str]:
    return set() if overrides.config else {"config"}


def training_job(job_id: UUID | str, *, wait_s: float | None = None) -> Call[TrainingJob]:
    """One job; with `wait_s` the answer is held so many seconds until it has ended."""
    return get(TrainingJob, "training-jobs", job_id).held(wait_s)


def training_jobs(
    *, model: str | None = None, state: str | None = None, kind: str | None = None, study: UUID | str | None = None
) -> Call[Page[TrainingJob]]:
    """Jobs of all kinds, the newest first; `study`: the trials of that tuning job."""
    trials_of = None if study is None else str(study)
    return list_call(path_of("training-jobs"), TrainingJob, model=model, state=state, kind=kind, study=trials_of)


def training_curves(job_id: UUID | str, *, points: int | None = None) -> Call[Curves]:
    """A job's losses, accuracy and metrics by epoch; of each run at most `points` epochs, which keep its shape."""
    return get(Curves, "training-jobs", job_id, "curves", points=points)


def cancel_training(job_id: UUID | str, *, wait_s: float | None = None) -> Call[TrainingJob]:
    """Ask for a job's end; with `wait_s` the answer is held so many seconds until it has ended."""
    return Call("DELETE", path_of("training-jobs", job_id), answer_of(TrainingJob)).held(wait_s)
