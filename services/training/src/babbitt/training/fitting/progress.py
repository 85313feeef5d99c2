"""What a fit says while it runs: one JSON object a line on standard output, told apart by `event`."""

import os
import sys
from typing import Annotated, Literal, TextIO

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.evaluations import EvaluationSummary, Parity
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
    resumes_from_epoch: int
    device: str
    threads: int
    windows: int
    parameters: int


class Epoch(Said):
    """An epoch is over; the fields of EpochCompleted."""

    event: Literal["epoch"] = "epoch"
    epoch: int
    epochs: int
    train_loss: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float
    seconds: float


class CheckpointWritten(Said):
    """The state after this epoch is in a file."""

    event: Literal["checkpoint"] = "checkpoint"
    epoch: int
    checkpoint: OutputFile


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


class Failed(Said):
    """There will be no model, however often it is tried; the fields of TrainFailed."""

    event: Literal["failed"] = "failed"
    kind: str
    reason: str


type Progress = Annotated[Started | Epoch | CheckpointWritten | Completed | Failed, Field(discriminator="event")]
PROGRESS: TypeAdapter[Progress] = TypeAdapter(Progress)


def take_standard_output() -> TextIO:
    """Standard output for progress alone: whatever else prints, libraries in C included, goes to standard error."""
    sys.stdout.flush()
    lines = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return lines
