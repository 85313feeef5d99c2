"""A dataset's life: asked for, made in shards, ready or not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from babbitt.contracts.datasets import DatasetConfiguration, DatasetReady
from babbitt.signals.errors import DatasetNeeded, DatasetNotInState

PROGRESS_INTERVAL = timedelta(seconds=0.2)
"""At most five times a second is it told how far a dataset is."""
LONGEST_REASON = 2_000
MODELS_NAMED = 10
"""How many of the models that need a dataset a refusal names."""


class State(StrEnum):
    """Where a dataset is in its life."""

    MAKING = "making"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DELETED = "deleted"


TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.MAKING: frozenset({State.READY, State.FAILED, State.CANCELLED, State.DELETED}),
    State.READY: frozenset({State.DELETED}),
    State.FAILED: frozenset({State.MAKING, State.DELETED}),
    State.CANCELLED: frozenset({State.MAKING, State.DELETED}),
    State.DELETED: frozenset({State.MAKING}),
}


@dataclass(slots=True)
class Dataset:
    """A dataset and how far it is. Changed only while its row is locked.

    Attributes:
        attempt: how often its making was begun; what belongs to an earlier one is skipped.
        revision: grows with each thing said of it.
        shards, shards_done: of this attempt.
        told_at: when its progress was last told.
        ready: what is said when it is ready.
        reason: why it failed.
    """

    id: str
    configuration: DatasetConfiguration
    label: str | None
    state: State = State.DELETED
    attempt: int = 0
    revision: int = 0
    shards: int = 0
    shards_done: int = 0
    told_at: datetime | None = None
    ready: DatasetReady | None = None
    reason: str | None = None

    def begin(self, shards: int, label: str | None) -> None:
        """Begin to make it, anew where it was begun before."""
        self._enter(State.MAKING)
        self.attempt += 1
        self.shards, self.shards_done = shards, 0
        self.label, self.told_at, self.ready, self.reason = label, None, None, None

    def is_making(self, attempt: int) -> bool:
        """Whether what belongs to `attempt` is still wanted."""
        return self.state is State.MAKING and self.attempt == attempt

    def shard_done(self, now: datetime) -> bool:
        """One shard more is there; whether that is to be told now."""
        self.shards_done += 1
        if self.told_at is not None and now - self.told_at < PROGRESS_INTERVAL:
            return False
        self.told_at = now
        self.revision += 1
        return True

    @property
    def is_complete(self) -> bool:
        """Whether no shard is left to be made."""
        return self.shards_done == self.shards

    def become_ready(self, ready: DatasetReady) -> None:
        """All of it is there and has passed its gates."""
        self._enter(State.READY)
        self.ready = ready

    def say_ready_again(self) -> DatasetReady:
        """What is said to whoever asks for a ready dataset.

        Raises:
            DatasetNotInState: it is not ready.
        """
        if self.ready is None:
            raise self._not_in_state("be said to be ready")
        self.revision += 1
        return self.ready

    def fail(self, reason: str) -> str:
        """It cannot be made. The reason as it is told: one that quotes a file at length is cut."""
        self._enter(State.FAILED)
        self.reason = reason if len(reason) <= LONGEST_REASON else f"{reason[:LONGEST_REASON]} …"
        return self.reason

    def cancel(self) -> None:
        """Stop making it. A second time changes nothing.

        Raises:
            DatasetNotInState: it is not being made.
        """
        if self.state is State.CANCELLED:
            self.revision += 1
            return
        if self.state is not State.MAKING:
            raise self._not_in_state("be cancelled: only what is being made can")
        self._enter(State.CANCELLED)

    def delete(self, needed_by: Sequence[str] = ()) -> None:
        """Remove it, whatever it is. A second time changes nothing.

        Args:
            needed_by: versions of models that were trained on it and are in use.

        Raises:
            DatasetNeeded: it is ready, and there are such.
        """
        if self.state is State.DELETED:
            self.revision += 1
            return
        if self.state is State.READY and needed_by:
            named = ", ".join(needed_by[:MODELS_NAMED])
            more = f" and {len(needed_by) - MODELS_NAMED} more" if len(needed_by) > MODELS_NAMED else ""
            raise DatasetNeeded(f"dataset {self.id} is needed by {named}{more}: retire them first")
        self._enter(State.DELETED)

    def _enter(self, state: State) -> None:
        if state not in TRANSITIONS[self.state]:
            raise self._not_in_state(f"become {state}")
        self.state = state
        self.revision += 1

    def _not_in_state(self, what: str) -> DatasetNotInState:
        return DatasetNotInState(f"dataset {self.id} is {self.state} and cannot {what}")
