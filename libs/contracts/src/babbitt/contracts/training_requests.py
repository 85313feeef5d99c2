"""What may be asked of training: to train, to evaluate, to import, to stop."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.envelope import Request, strictly
from babbitt.contracts.names import ClassName, Label, ModelName, Reason, Sha256, VersionNumber
from babbitt.contracts.recipes import TrainOverrides
from babbitt.contracts.topics import TRAINING_REQUESTS

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
