"""What an attempt at a job needs of the world: where it writes down what it does, a folder, a child process."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol
from uuid import UUID

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.training import JobKind
from babbitt.training.domain.lease import Lease
from babbitt.training.fitting.progress import (
    CheckpointWritten,
    Completed,
    Epoch,
    Evaluated,
    Progress,
    Progressed,
    Started,
    Tried,
)


class Book(Protocol):
    """Where an attempt writes down what it does. Each call is a transaction, repeated while the database is away.

    Raises:
        LeaseLost: the attempt no longer holds its job; nothing was written.
    """

    async def renewed(self, lease: Lease) -> None:
        """It is still at work."""
        ...

    async def started(self, lease: Lease, started: Started) -> None:
        """It begins to learn."""
        ...

    async def epoch(self, lease: Lease, epoch: Epoch) -> None:
        """An epoch is over."""
        ...

    async def progressed(self, lease: Lease, progressed: Progressed) -> None:
        """So far it is."""
        ...

    async def checkpoint(
        self, lease: Lease, written: CheckpointWritten, reference: ObjectReference
    ) -> Sequence[ObjectReference]:
        """It can go on from here; the checkpoints that are needed no more."""
        ...

    async def completed(self, lease: Lease, completed: Completed, stored: Mapping[str, ObjectReference]) -> None:
        """There is a model; where its files lie, by their path in the output folder."""
        ...

    async def evaluated(self, lease: Lease, evaluated: Evaluated, stored: Mapping[str, ObjectReference]) -> None:
        """A version was tested; where the files lie, by their path in the output folder."""
        ...

    async def tried(self, lease: Lease, tried: Tried) -> None:
        """A trial has learnt all that it could."""
        ...

    async def failed(self, lease: Lease, kind: str, reason: str) -> None:
        """There will be no model."""
        ...

    async def died(self, lease: Lease, reason: str) -> None:
        """The attempt ended without a word."""
        ...

    async def given_back(self, lease: Lease) -> None:
        """The attempt was stopped in good order."""
        ...

    async def freed(self, lease: Lease) -> None:
        """The attempt's devices are free, whether it still holds its job or not."""
        ...


class Workspace(Protocol):
    """A folder of an attempt's own, and the way from and to the object store.

    Raises:
        Unavailable: the store is away.
    """

    folder: Path

    async def prepare(self) -> None:
        """Lay out request, dataset, checkpoint and other versions.

        Raises:
            DatasetGone, VersionGone: they are not there any more.
        """
        ...

    async def keep_checkpoint(self, written: CheckpointWritten) -> ObjectReference:
        """Store a checkpoint."""
        ...

    async def discard_checkpoint(self, reference: ObjectReference) -> None:
        """Remove a checkpoint that is needed no more."""
        ...

    async def keep_artifact(self, name: str) -> ObjectReference:
        """Store a file of the output folder under its digest."""
        ...


class Fit(Protocol):
    """A child process that fits."""

    def progress(self) -> AsyncIterator[Progress]:
        """What it says, until it ends."""
        ...

    async def checkpoint_kept(self) -> None:
        """Let it go on: it waits where it is two checkpoints ahead."""
        ...

    async def last_words(self) -> str:
        """How it ended, once it has."""
        ...


class Fits(Protocol):
    """Starts child processes."""

    def started(
        self, folder: Path, kind: JobKind, budget_s: float, *, trial: bool = False, devices: Sequence[str] = ()
    ) -> AbstractAsyncContextManager[Fit]:
        """A job of that kind on what lies in `folder`, with so many seconds; killed when the context closes.

        A trial learns and does no more. It sees these GPUs alone.
        """
        ...


class Workspaces(Protocol):
    """Opens workspaces, and removes what they have kept.

    Raises:
        Unavailable: the store is away.
    """

    def opened(self, lease: Lease) -> AbstractAsyncContextManager[Workspace]:
        """An empty one, removed when the context closes."""
        ...

    async def discard_checkpoints(self, job_id: UUID) -> None:
        """Remove all checkpoints of a job."""
        ...
