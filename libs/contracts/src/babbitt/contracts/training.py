"""Training: jobs are asked for, run epoch by epoch, and end once."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.envelope import Event, Request, strictly
from babbitt.contracts.evaluations import (
    ChampionTested,
    CrossValidation,
    EvaluationSummary,
    Lineage,
    Parity,
    SeedResult,
    Variant,
)
from babbitt.contracts.names import ClassName, Label, ModelName, Reason, Sha256, VersionNumber
from babbitt.contracts.recipes import TrainOverrides
from babbitt.contracts.topics import TRAINING_EVENTS, TRAINING_REQUESTS

type Task = Literal["multiclass", "multilabel", "one_class"]
type ClassMap = dict[ClassName, ClassName | tuple[ClassName, ...] | None]

QUICK_MINUTES = 2.0


class TrainRequested(Request, topic=TRAINING_REQUESTS):
    """Train a model on a dataset.

    Attributes:
        model: name of the line of versions that the result joins.
        dataset: id of the dataset; a job whose dataset is not there yet waits for it.
        job_id: names the job; absent: it follows from the message, so a repeat is the same job.
        preset: model family and size.
        task: what is to be told; absent: what the dataset's specification says.
        overrides: what replaces the preset's values.
        class_map: what becomes of the dataset's classes, by name: another name (several may get the same: they are
            merged), null (dropped), or for `multilabel` the faults that the class stands for, which may be none.
            Classes that are not named stay.
        base_version: the version of this model that learning goes on from (fine-tuning; new classes begin anew), or
            whose embedding a `prototype` reads.
        members: the versions of this model that an `ensemble` asks.
        folds: also train on all but some groups, in turn, and pool the answers on those: `leave_one_group_out`, or into
            how many parts the groups are dealt. The final model then learns from training and validation together.
        seed: same seed, build, CPU family and thread count: same weights.
        seeds: several runs, told with mean and deviation; the one with the lowest validation loss becomes the version.
        budget_minutes: learning ends in time for the rest to be done; what was best so far becomes the version.
        quick: a trial of two minutes at most, never promoted by itself.
        requested_by: information, not proof.
    """

    model: ModelName
    dataset: Sha256
    job_id: UUID | None = None
    preset: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,63}$")] = "spectral_base"
    task: Task | None = None
    overrides: TrainOverrides = TrainOverrides()
    class_map: ClassMap = Field(
        default_factory=dict[ClassName, ClassName | tuple[ClassName, ...] | None], max_length=200
    )
    base_version: VersionNumber | None = None
    members: Annotated[tuple[VersionNumber, ...], Field(max_length=16)] = ()
    folds: Literal["leave_one_group_out"] | Annotated[int, Field(ge=2, le=50)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    seeds: Annotated[tuple[Annotated[int, Field(ge=0, lt=2**31)], ...], Field(max_length=32)] = ()
    budget_minutes: Annotated[float, Field(gt=0, le=10_080)] = 120.0
    quick: bool = False
    requested_by: Label | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.seeds and self.seed:
            raise ValueError("seeds: to be given instead of seed")
        if len(set(self.seeds)) != len(self.seeds):
            raise ValueError("seeds: they must differ")
        if len(set(self.members)) != len(self.members):
            raise ValueError("members: they must differ")
        if self.task != "multilabel" and any(isinstance(to, tuple) for to in self.class_map.values()):
            raise ValueError("class_map: several faults for a class are accepted where task is 'multilabel'")
        return self

    @property
    def minutes(self) -> float:
        """What it may take: the budget, and of a trial two at most."""
        return min(self.budget_minutes, QUICK_MINUTES) if self.quick else self.budget_minutes

    def key(self) -> str:
        return str(self.job_id) if self.job_id else self.model


class EvaluationRequested(Request, topic=TRAINING_REQUESTS):
    """Test a version on a dataset's test split, by the file that serves.

    Attributes:
        model, version: which one; absent: the champion.
        dataset: id of the dataset.
        job_id: names the job; absent: it follows from the message.
        class_map: as in TrainRequested: what becomes of the dataset's classes.
    """

    model: ModelName
    version: VersionNumber | None = None
    dataset: Sha256
    job_id: UUID | None = None
    class_map: ClassMap = Field(
        default_factory=dict[ClassName, ClassName | tuple[ClassName, ...] | None], max_length=200
    )
    budget_minutes: Annotated[float, Field(gt=0, le=10_080)] = 60.0
    requested_by: Label | None = None

    def key(self) -> str:
        return str(self.job_id) if self.job_id else self.model


class ImportRequested(Request, topic=TRAINING_REQUESTS):
    """Make a version of an ONNX file that was trained elsewhere: it is tested here, and passes the same gates.

    Attributes:
        model: name of the line of versions that it joins.
        artifact: the file as uploaded, under `gateway/uploads/`.
        data_spec, model_spec: what it reads and answers; both are held against the file.
        dataset: on whose test split it is tested.
        job_id: names the job; absent: it follows from the message.
        origin: where it is from, for people.
    """

    model: ModelName
    artifact: Annotated[ObjectReference, strictly(ObjectReference)]
    data_spec: Annotated[DataSpec, strictly(DataSpec)]
    model_spec: Annotated[ModelSpec, strictly(ModelSpec)]
    dataset: Sha256
    job_id: UUID | None = None
    origin: Label | None = None
    budget_minutes: Annotated[float, Field(gt=0, le=10_080)] = 60.0
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


type JobKind = Literal["training", "evaluation", "import", "tuning"]


class TrainQueued(JobEvent, topic=TRAINING_EVENTS):
    """The job is accepted.

    Attributes:
        kind: what is to be done; all kinds of jobs live alike.
        waits_for_dataset: its dataset is not there yet.
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
        validation_accuracy: share of validation records answered right, 0 to 1.
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
    validation_loss: float
    validation_accuracy: float
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
