"""What training says of its jobs: they are queued, run epoch by epoch, and end once."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.envelope import Event
from babbitt.contracts.evaluations import (
    ChampionTested,
    CrossValidation,
    EvaluationSummary,
    Lineage,
    Parity,
    SeedResult,
    Variant,
)
from babbitt.contracts.names import ModelName, Sha256, VersionNumber
from babbitt.contracts.topics import TRAINING_EVENTS


class JobEvent(Event):
    """What every event about a job says."""

    job_id: UUID
    model: ModelName

    def key(self) -> str:
        return str(self.job_id)


type JobKind = Literal["training", "evaluation", "import", "tuning"]


class TrainQueued(JobEvent, topic=TRAINING_EVENTS):
    """The job is accepted.

    Attributes:
        kind: what is to be done; all kinds of jobs live alike.
        waits_for_dataset: its dataset is not there yet.
        waits_for_device: it could run, but other jobs or inference have all GPUs of the host that looked for one.
        study: the job whose trial this is.
        needs: the versions of the model that the job reads (base, members, what it evaluates); none of them is retired
            by retention before the job has ended.
    """

    kind: JobKind | str = "training"
    study: UUID | None = None
    needs: tuple[VersionNumber, ...] = ()
    dataset: Sha256
    preset: str
    waits_for_dataset: bool = False
    waits_for_device: bool = False
    requested_by: str | None = None


class TrainStarted(JobEvent, topic=TRAINING_EVENTS):
    """A worker took the job.

    Attributes:
        epochs: of each run, at most.
        runs: how many there are: folds and seeds.
        resumes_from_epoch: of the run that it goes on in; 0: from nothing.
    """

    attempt: int
    epochs: int
    runs: int = 1
    resumes_from_run: int = 1
    resumes_from_epoch: int = 0
    device: str = "cpu"


class EpochCompleted(JobEvent, topic=TRAINING_EVENTS):
    """One pass over the training split. Its event id follows from (job, run, epoch): a repeat is the same event.

    Attributes:
        run, runs: which one of the job's, from 1: folds, then seeds.
        run_name: `seed 3`, `without A`; empty where there is one alone.
        epoch: from 1.
        epochs: how many there will be at most.
        train_loss, validation_loss: mean cross-entropy in nats.
        validation_accuracy: share of validation records answered right, 0 to 1. Null, as the loss: nothing is held out.
        learning_rate: of this epoch's last step.
        seconds: wall time of the epoch.
        metrics: more of it, by name: `macro_f1`, `macro_auroc`, `gradient_norm`, `samples_per_second`.
        eta_s: seconds until learning ends, if it goes on to the last epoch.
    """

    run: int = 1
    runs: int = 1
    run_name: str = ""
    epoch: int
    epochs: int
    train_loss: float
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    learning_rate: float
    seconds: float
    metrics: dict[str, float] = Field(default_factory=dict[str, float])
    eta_s: float | None = None


class TrainProgressed(JobEvent, topic=TRAINING_EVENTS):
    """How far a job is between two epochs, at most once in two seconds.

    Attributes:
        phase: `preparing`, `learning`, `exporting`, `measuring`, `evaluating`.
        step, steps: of the epoch, or of the phase.
        train_loss: mean over the epoch's steps so far, in nats.
        samples_per_second: windows that were learnt from.
    """

    phase: Literal["preparing", "learning", "exporting", "measuring", "evaluating"] | str = "learning"
    run: int = 1
    epoch: int = 0
    step: int = 0
    steps: int = 0
    train_loss: float | None = None
    samples_per_second: float | None = None
    eta_s: float | None = None


class CheckpointSaved(JobEvent, topic=TRAINING_EVENTS):
    """The job can resume from here.

    Attributes:
        run, epoch: the last epoch that is over.
        step: how many steps of the next one are, too.
    """

    run: int = 1
    step: int = 0
    epoch: int
    checkpoint: ObjectReference


class TrainCompleted(JobEvent, topic=TRAINING_EVENTS):
    """The job ended with a model: an ONNX file in the object store under training's prefix.

    Attributes:
        artifact: the ONNX file.
        report: the full evaluation, JSON.
        predictions: paired predictions on the test split (record, truth, probabilities), JSON.
        weights: the module's tensors, for who goes on from them; None: it has none.
        figures: of the report, by name.
        variants: all forms of the file, measured; `artifact` is the one that was chosen.
        champion: how the champion did on the same split, where there is one that reads such data.
        seeds, cross_validation: of a job with several runs.
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
    weights: ObjectReference | None = None
    figures: dict[str, ObjectReference] = Field(default_factory=dict[str, ObjectReference])
    variants: tuple[Variant, ...] = ()
    champion: ChampionTested | None = None
    seeds: tuple[SeedResult, ...] = ()
    cross_validation: CrossValidation | None = None
    lineage: Lineage = Lineage()


class EvaluationCompleted(JobEvent, topic=TRAINING_EVENTS):
    """A version was tested on a dataset's test split."""

    dataset: Sha256
    version: VersionNumber
    artifact_sha256: Sha256
    evaluation: EvaluationSummary
    report: ObjectReference
    predictions: ObjectReference
    figures: dict[str, ObjectReference] = Field(default_factory=dict[str, ObjectReference])
    seconds: float
    requested_by: str | None = None


class TrainFailed(JobEvent, topic=TRAINING_EVENTS):
    """A queued job ended without a model.

    Attributes:
        kind: what it was, for programs.
        reason: what it was, for people.
    """

    kind: (
        Literal[
            "dataset_missing",
            "dataset_unusable",
            "bad_request",
            "version_missing",
            "out_of_memory",
            "diverged",
            "parity",
            "time_limit",
            "attempts_exhausted",
            "pruned",
            "training_error",
        ]
        | str
    )
    reason: str


class TrainCancelled(JobEvent, topic=TRAINING_EVENTS):
    """The job was stopped because somebody asked for it."""

    reason: str | None = None
