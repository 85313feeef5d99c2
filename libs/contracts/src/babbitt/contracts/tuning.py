"""Tuning: a study tries values of a preset's settings in trials, and trains the best one once more."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.envelope import Request, RequestPart
from babbitt.contracts.names import Label
from babbitt.contracts.recipes import ConfigValue
from babbitt.contracts.topics import TRAINING_EVENTS, TRAINING_REQUESTS
from babbitt.contracts.training import JobEvent
from babbitt.contracts.training_requests import TrainRequested

type SettingName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=100)]
"""A field of TrainOverrides, with dots into what it holds (`loss.gamma`, `config.hidden`), or `preset`."""


class Interval(RequestPart):
    """Numbers between two, drawn evenly or, with `log`, evenly in their logarithm."""

    kind: Literal["float", "int"] = "float"
    low: float
    high: float
    log: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.low > self.high:
            raise ValueError("low: at most high is accepted")
        if self.log and self.low <= 0:
            raise ValueError("low: more than 0 is accepted where log is true")
        if self.kind == "int" and (self.low != int(self.low) or self.high != int(self.high)):
            raise ValueError("low, high: whole numbers are accepted where kind is 'int'")
        return self


class Choice(RequestPart):
    """One of some values."""

    kind: Literal["choice"]
    values: Annotated[tuple[ConfigValue, ...], Field(min_length=1, max_length=50)]


type Space = Annotated[Interval | Choice, Field(union_mode="left_to_right")]


class TuningRequested(Request, topic=TRAINING_REQUESTS):
    """Try values of settings, by trials that are judged on the validation split; train the best once more.

    Attributes:
        base: what every trial is asked for, but for the settings that are tried. Its job id names the study's job.
        space: what is tried, by setting.
        trials: how many, at most.
        parallel: how many at once, at most; workers that are free take them.
        prune: stop trials early that lie behind the median of the others.
        seed: of the sampler.
    """

    base: TrainRequested
    space: Annotated[dict[SettingName, Space], Field(min_length=1, max_length=20)]
    trials: Annotated[int, Field(ge=1, le=1000)] = 20
    parallel: Annotated[int, Field(ge=1, le=64)] = 2
    prune: bool = True
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    requested_by: Label | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.base.seeds or self.base.folds:
            raise ValueError("base: seeds and folds are not accepted in a study: a trial is one run")
        return self

    def key(self) -> str:
        return self.base.key()


class TrialCompleted(JobEvent, topic=TRAINING_EVENTS):
    """A trial of a study has ended. `job_id` is the study's.

    Attributes:
        trial: its number, from 0; `trial_job` ran it.
        state: `pruned`: it lay behind; `failed`: `reason` says why.
        settings: what was tried.
        validation_loss: of the weights that it kept, in nats; of a pruned one the last.
        best: whether it is the best so far.
    """

    trial: int
    trial_job: UUID
    state: Literal["completed", "pruned", "failed"] | str
    settings: dict[str, ConfigValue]
    validation_loss: float | None = None
    best: bool = False
    reason: str | None = None


class TuningCompleted(JobEvent, topic=TRAINING_EVENTS):
    """A study has ended; the job that trains the best trial once more follows.

    Attributes:
        trials, pruned, failed: how many there were in all, and of these.
        settings, validation_loss: of the best one.
        importance: share of the losses' variation that each setting explains, where enough trials tell.
        job: the training that makes the version.
        report: every trial, JSON.
    """

    trials: int
    pruned: int
    failed: int
    best_trial: int
    settings: dict[str, ConfigValue]
    validation_loss: float
    importance: dict[str, float] = Field(default_factory=dict[str, float])
    job: UUID
    report: ObjectReference | None = None
