"""A training job's life: asked for, waiting for its dataset, run by attempts, ended once."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.names import CHAMPION
from babbitt.contracts.training import JobKind
from babbitt.contracts.training_requests import EvaluationRequested, ImportRequested, TrainRequested
from babbitt.training.domain.place import BEGINNING, Place
from babbitt.training.errors import JobEnded, WrongState


class State(StrEnum):
    """Where a job is in its life."""

    WAITING = "waiting"
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({State.COMPLETED, State.FAILED, State.CANCELLED})

TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.WAITING: frozenset({State.QUEUED, State.FAILED, State.CANCELLED}),
    State.QUEUED: frozenset({State.RUNNING, State.FAILED, State.CANCELLED}),
    State.RUNNING: frozenset({State.QUEUED, State.COMPLETED, State.FAILED, State.CANCELLED}),
    State.COMPLETED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Trial:
    """Which trial of which study a job is."""

    study: UUID
    number: int


type JobRequest = TrainRequested | EvaluationRequested | ImportRequested

KINDS: Mapping[JobKind, type[JobRequest]] = {
    "training": TrainRequested,
    "evaluation": EvaluationRequested,
    "import": ImportRequested,
}


def kind_of(request: JobRequest) -> JobKind:
    """What is to be done for a request."""
    return next(kind for kind, contract in KINDS.items() if isinstance(request, contract))


KEPT_CHECKPOINTS = 2
"""The last ones, of which the second stands in for a first that was damaged."""


@dataclass(frozen=True, slots=True)
class SavedCheckpoint:
    """From where a job can go on, with what lies in the object store.

    `best`: the weights that would be kept are those of this very epoch.
    """

    place: Place
    reference: ObjectReference
    best: bool = False


@dataclass(slots=True)
class Job:
    """A training job. Changed only while its row is locked.

    Attributes:
        request: what was asked for; it names the job.
        cause: envelope of the request, which all that is said of the job answers.
        revision: grows with each thing said of it; the sequence of its events.
        attempt: how often it was taken up; what belongs to an earlier attempt counts no more.
        deaths: attempts in a row that died without getting further.
        told: up to where its epochs were told.
        checkpoints: from where it can go on: the best one and the last ones, the latest last.
        study: the tuning job whose trial it is, and which one.
        waits_for_device: that no GPU is free for it has been said.
    """

    id: UUID
    request: JobRequest
    cause: Envelope
    state: State
    revision: int = 0
    attempt: int = 0
    deaths: int = 0
    told: Place = BEGINNING
    checkpoints: tuple[SavedCheckpoint, ...] = ()
    study: Trial | None = None
    waits_for_device: bool = False

    @property
    def kind(self) -> JobKind:
        """What is to be done."""
        return kind_of(self.request)

    @property
    def preset(self) -> str:
        """What is told of it where a preset is named."""
        return self.request.preset if isinstance(self.request, TrainRequested) else self.kind

    @property
    def minutes(self) -> float:
        """What it may take."""
        return self.request.minutes if isinstance(self.request, TrainRequested) else self.request.budget_minutes

    @property
    def references(self) -> tuple[str, ...]:
        """Versions and aliases of its model that have to be there before it can begin."""
        match self.request:
            case TrainRequested(base_version=base, members=members):
                return tuple(str(number) for number in ((base,) if base else ()) + members)
            case EvaluationRequested(version=version):
                return (str(version) if version else CHAMPION,)
            case ImportRequested():
                return ()

    def answers(self, request: JobRequest) -> bool:
        """Whether `request` asks for this very job; who asks makes no difference."""
        return request.model_copy(update={"job_id": self.id, "requested_by": self.request.requested_by}) == self.request

    def all_there(self) -> None:
        """What it waited for is there: it can be run."""
        self._enter(State.QUEUED)

    def take_up(self, *, most_deaths: int) -> bool:
        """Begin another attempt; False: too many have died, it is to fail.

        A running job is taken up again where the attempt before was never heard of again.
        """
        if self.state is State.RUNNING:
            self.died()
        if self.deaths >= most_deaths:
            return False
        self._enter(State.RUNNING)
        self.attempt += 1
        return True

    def died(self) -> None:
        """The attempt ended without a word: the job waits for another."""
        self._enter(State.QUEUED)
        self.deaths += 1

    def give_back(self) -> None:
        """The attempt was stopped in good order, which is no death."""
        self._enter(State.QUEUED)

    def epoch_over(self, run: int, epoch: int) -> bool:
        """Take note of an epoch; False: it was told before, by an attempt that died."""
        place = Place(run, epoch)
        if place <= self.told:
            return False
        self.told = place
        return True

    def checkpoint_saved(self, checkpoint: SavedCheckpoint) -> bool:
        """It can go on from here; False: it could go on from there before.

        The best one and the last ones are kept.
        """
        if self.checkpoints and checkpoint.place <= self.checkpoints[-1].place:
            return False
        found = (*self.checkpoints, checkpoint)
        best = [one for one in found if one.best][-1:]
        self.checkpoints = tuple(one for one in found if one in best or one in found[-KEPT_CHECKPOINTS:])
        self.deaths = 0
        return True

    def complete(self) -> None:
        """There is a model."""
        self._enter(State.COMPLETED)

    def fail(self) -> None:
        """There will be no model."""
        self._enter(State.FAILED)

    def cancel(self) -> bool:
        """Somebody wants it stopped; False: it was stopped before.

        Raises:
            JobEnded: it is over.
        """
        if self.state is State.CANCELLED:
            return False
        if self.state in ENDED:
            raise JobEnded(f"job {self.id} is {self.state}: there is nothing to cancel")
        self._enter(State.CANCELLED)
        return True

    def say(self) -> int:
        """The revision of what is said next."""
        self.revision += 1
        return self.revision

    def _enter(self, state: State) -> None:
        if state not in TRANSITIONS[self.state]:
            raise WrongState(f"job {self.id} is {self.state} and cannot become {state}")
        self.state = state
