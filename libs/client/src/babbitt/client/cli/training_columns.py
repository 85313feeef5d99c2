"""What is shown of a training job."""

from babbitt.client.api.training_jobs import Epoch, TrainingJob
from babbitt.client.cli.output import Column, shown


def state(job: TrainingJob) -> str:
    """How far it is, in words."""
    return "waits for its dataset" if job.state == "queued" and job.waits_for_dataset else job.state


def progress(job: TrainingJob) -> str | None:
    """Epochs done, of how many at most."""
    return f"{job.epoch or 0}/{job.epochs}" if job.epochs else None


def accuracy(job: TrainingJob) -> str | None:
    """Share of the test records answered right."""
    return f"{job.evaluation.record_accuracy:.2%}" if job.evaluation else None


def test(job: TrainingJob) -> str | None:
    """How the model did on the test split."""
    if job.evaluation is None:
        return None
    said = job.evaluation
    apart = f" ({', '.join(said.split_in_time)} in time: optimistic" if said.split_in_time else ""
    if said.record_accuracy_apart is not None:
        apart += f"; {said.record_accuracy_apart:.2%} without"
    told = f"{accuracy(job)} of {said.records} records, macro-F1 {said.macro_f1:.4f}, split by {said.split_kind}"
    return f"{told}{apart})" if apart else told


def why(job: TrainingJob) -> str | None:
    """Why it ended without a model."""
    return job.problem.detail if job.problem else job.reason


LISTED: tuple[Column[TrainingJob], ...] = (
    Column("id", lambda job: job.id),
    Column("kind", lambda job: job.kind),
    Column("model", lambda job: job.model),
    Column("preset", lambda job: job.preset),
    Column("state", state),
    Column("epoch", progress, right=True),
    Column("accuracy", accuracy, right=True),
    Column("created", lambda job: job.created_at),
    Column("reason", why),
)
DETAILS: tuple[Column[TrainingJob], ...] = (
    Column("id", lambda job: job.id),
    Column("kind", lambda job: job.kind),
    Column("model", lambda job: job.model),
    Column("version", lambda job: job.version),
    Column("dataset", lambda job: job.dataset),
    Column("preset", lambda job: job.preset),
    Column("state", state),
    Column("reason", why),
    Column("run", lambda job: f"{job.run}/{job.runs}" if job.runs and job.runs > 1 else None),
    Column("epochs", progress),
    Column("test", test),
    Column("device", lambda job: job.device),
    Column("seconds", lambda job: f"{job.seconds:.1f}" if job.seconds is not None else None),
    Column("requested by", lambda job: job.requested_by),
    Column("created", lambda job: job.created_at),
)
EPOCHS: tuple[Column[Epoch], ...] = (
    Column("run", lambda one: one.run_name or one.run),
    Column("epoch", lambda one: one.epoch, right=True),
    Column("train loss", lambda one: f"{one.train_loss:.4f}", right=True),
    Column("validation loss", lambda one: shown(one.validation_loss, ".4f"), right=True),
    Column("accuracy", lambda one: shown(one.validation_accuracy, ".2%"), right=True),
    Column("learning rate", lambda one: f"{one.learning_rate:.2e}", right=True),
    Column("seconds", lambda one: f"{one.seconds:.1f}", right=True),
)
