"""A study's life: it tries settings in trials, each a job of its own, and ends with the best of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from babbitt.contracts.envelope import Envelope
from babbitt.contracts.names import derived_id
from babbitt.contracts.recipes import ConfigValue
from babbitt.contracts.tuning import TuningRequested

type Settings = Mapping[str, ConfigValue]
"""What a trial tries, by setting."""

HOPELESS = frozenset({"dataset_missing", "dataset_unusable", "version_missing"})
"""Kinds of failure that no other settings would change."""


class StudyState(StrEnum):
    """Where a study is in its life."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TrialState(StrEnum):
    """Where a trial is in its life."""

    RUNNING = "running"
    COMPLETED = "completed"
    PRUNED = "pruned"
    FAILED = "failed"


@dataclass(slots=True)
class Attempted:
    """A trial of a study.

    Attributes:
        number: from 0.
        job: runs it.
        losses: validation losses in nats, an epoch each, from the first.
        loss: of the weights that it kept; of a pruned one the last.
    """

    number: int
    job: UUID
    settings: Settings
    state: TrialState = TrialState.RUNNING
    losses: tuple[float, ...] = ()
    loss: float | None = None


@dataclass(slots=True)
class Study:
    """A study. Changed only while its row is locked.

    Attributes:
        request: what was asked for; its base names the study.
        cause: envelope of the request, which all that is said of the study and its trials answers.
        revision: grows with each thing said of it; the sequence of its events.
        hopeless: why no more trials are begun, as `kind: reason`; None: it goes on.
        trials: by their numbers.
    """

    id: UUID
    request: TuningRequested
    cause: Envelope
    state: StudyState = StudyState.RUNNING
    revision: int = 0
    hopeless: str | None = None
    trials: list[Attempted] = field(default_factory=list[Attempted])

    @property
    def failure(self) -> tuple[str, str]:
        """Kind and reason of its end where no trial has completed."""
        kind, _, reason = (self.hopeless or "").partition(": ")
        if kind in HOPELESS:
            return kind, reason
        return "training_error", self.hopeless or f"none of {len(self.trials)} trials came to an end"

    @property
    def over(self) -> bool:
        """Nothing more will come of it."""
        return self.state is not StudyState.RUNNING

    @property
    def running(self) -> list[Attempted]:
        """Trials whose job has not ended."""
        return [trial for trial in self.trials if trial.state is TrialState.RUNNING]

    @property
    def best(self) -> Attempted | None:
        """The completed trial of the lowest loss, of equal ones the first; None: none has completed."""
        done = [trial for trial in self.trials if trial.state is TrialState.COMPLETED and trial.loss is not None]
        return min(done, key=lambda trial: trial.loss or 0.0, default=None)

    def answers(self, request: TuningRequested) -> bool:
        """Whether `request` asks for this very study; who asks makes no difference."""
        base = request.base.model_copy(update={"job_id": self.id})
        asker = {"base": base, "requested_by": self.request.requested_by}
        return request.model_copy(update=asker) == self.request

    def wants_another(self) -> bool:
        """Whether one more trial is to begin now."""
        begun, room = len(self.trials), len(self.running) < self.request.parallel
        return not self.over and self.hopeless is None and begun < self.request.trials and room

    def begin(self, settings: Settings) -> Attempted:
        """The next trial, which tries these."""
        number = len(self.trials)
        trial = Attempted(number, derived_id("trial", self.id, number), settings)
        self.trials.append(trial)
        return trial

    def say(self) -> int:
        """The revision of what is said next."""
        self.revision += 1
        return self.revision
