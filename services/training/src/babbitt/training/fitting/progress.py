"""What a fit says while it runs: one JSON object a line on standard output, told apart by `event`."""

import os
import sys
from typing import Annotated, Literal, TextIO

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.evaluations import CrossValidation, EvaluationSummary, Lineage, Parity, SeedResult, Variant
from babbitt.contracts.names import Sha256


class Said(BaseModel):
    """Anything that is said."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class OutputFile(Said):
    """A file in the output folder, by its path there, digest and size in bytes."""

    file: str
    sha256: Sha256
    size_bytes: int


class Started(Said):
    """Data and module are there; learning begins after epoch `resumes_from_epoch`."""

    event: Literal["started"] = "started"
    epochs: int
    runs: int = 1
    resumes_from_run: int = 1
    resumes_from_epoch: int
    device: str
    threads: int
    windows: int
    parameters: int


class Epoch(Said):
    """An epoch is over; the fields of EpochCompleted."""

    event: Literal["epoch"] = "epoch"
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
    metrics: dict[str, float] = {}
    eta_s: float | None = None


class Progressed(Said):
    """How far it is; the fields of TrainProgressed."""

    event: Literal["progress"] = "progress"
    phase: str = "learning"
    run: int = 1
    epoch: int = 0
    step: int = 0
    steps: int = 0
    train_loss: float | None = None
    samples_per_second: float | None = None
    eta_s: float | None = None


class CheckpointWritten(Said):
    """The state of this moment is in a file: after `epoch` epochs of the run, and `step` steps of the next.

    `best`: the weights that would be kept are those of this very epoch.
    """

    event: Literal["checkpoint"] = "checkpoint"
    run: int = 1
    step: int = 0
    epoch: int
    best: bool = False
    checkpoint: OutputFile


class MeasuredVariant(Said):
    """A form of the model in the output folder: `file` instead of the variant's artifact."""

    variant: Variant
    file: OutputFile | None = None


class TestedChampion(Said):
    """How the champion did on the same split; the fields of ChampionTested."""

    version: int
    artifact_sha256: Sha256
    evaluation: EvaluationSummary
    predictions: OutputFile


class Completed(Said):
    """There is a model; the fields of TrainCompleted."""

    event: Literal["completed"] = "completed"
    artifact: OutputFile
    report: OutputFile
    predictions: OutputFile
    data_spec: DataSpec
    model_spec: ModelSpec
    evaluation: EvaluationSummary
    parity: Parity
    epochs: int
    seconds: float
    device: str
    weights: OutputFile | None = None
    figures: dict[str, OutputFile] = {}
    variants: tuple[MeasuredVariant, ...] = ()
    champion: TestedChampion | None = None
    seeds: tuple[SeedResult, ...] = ()
    cross_validation: CrossValidation | None = None
    lineage: Lineage = Lineage()
    train_records: OutputFile | None = None


class Evaluated(Said):
    """A version was tested; the fields of EvaluationCompleted."""

    event: Literal["evaluated"] = "evaluated"
    evaluation: EvaluationSummary
    report: OutputFile
    predictions: OutputFile
    figures: dict[str, OutputFile] = {}
    seconds: float


class Tried(Said):
    """A trial has learnt all that it could; `validation_loss` is of the weights that it would keep, in nats."""

    event: Literal["tried"] = "tried"
    validation_loss: float


class Failed(Said):
    """There will be no model, however often it is tried; the fields of TrainFailed."""

    event: Literal["failed"] = "failed"
    kind: str
    reason: str


type Progress = Annotated[
    Started | Progressed | Epoch | CheckpointWritten | Completed | Evaluated | Tried | Failed,
    Field(discriminator="event"),
]
PROGRESS: TypeAdapter[Progress] = TypeAdapter(Progress)


def take_standard_output() -> TextIO:
    """Standard output for progress alone: whatever else prints, libraries in C included, goes to standard error."""
    sys.stdout.flush()
    lines = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return lines
