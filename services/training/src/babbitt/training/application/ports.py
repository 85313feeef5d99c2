"""What the use cases need within a transaction, in the domain's words."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.envelope import Message
from babbitt.contracts.models import AliasAssigned
from babbitt.contracts.study_reports import StudyReport
from babbitt.contracts.training import JobKind
from babbitt.training.domain.dataset import KnownDataset
from babbitt.training.domain.job import KINDS, Job
from babbitt.training.domain.known_reference import KnownReference
from babbitt.training.domain.study import Attempted, Settings, Study


class Jobs(Protocol):
    """The jobs that there are, within one transaction. Those returned are locked until it ends."""

    async def reserve(self, job_id: UUID) -> None:
        """Whoever else submits or cancels a job of this id waits for the end of this transaction."""
        ...

    async def add(self, job: Job) -> bool:
        """Enter a job; False: there is one of that id."""
        ...

    async def locked(self, job_id: UUID) -> Job | None:
        """A job by its id."""
        ...

    async def save(self, job: Job) -> None:
        """Keep what was changed of a locked job."""
        ...

    async def waiting_for(self, dataset_id: str, *, since: datetime | None = None) -> Sequence[Job]:
        """Jobs that wait for a dataset, those alone that were asked for before `since`."""
        ...

    async def waited_longer_than(self, seconds: float) -> Sequence[Job]:
        """Jobs that have waited longer for their dataset; those that somebody else has locked are left out."""
        ...

    async def next_to_run(self, kinds: Collection[JobKind] = tuple(KINDS)) -> Job | None:
        """The oldest job of these kinds that is queued, or whose lease ran out; locked ones are left out."""
        ...

    async def grant(self, job: Job, holder: str, lease_s: float) -> float:
        """Let `holder` have the job from now on; seconds of work that it has had already."""
        ...

    async def held(self, job_id: UUID, attempt: int) -> Job:
        """The job of an attempt that still holds it.

        Raises:
            LeaseLost: it does not.
        """
        ...

    async def renew(self, job_id: UUID, attempt: int, lease_s: float) -> None:
        """Hold the job for longer, and count the work since the last time.

        Raises:
            LeaseLost: the attempt does not hold it.
        """
        ...

    async def waiting_for_version(self, model: str) -> Sequence[Job]:
        """Jobs about a model that wait for something."""
        ...

    async def of_study(self, study: UUID) -> Sequence[Job]:
        """The jobs of a study's trials."""
        ...

    async def ended_with_checkpoint(self, seconds: float) -> Sequence[UUID]:
        """Ids of jobs that ended longer ago and still have a checkpoint. Not locked: they change no more."""
        ...

    async def forget_checkpoint(self, job_id: UUID) -> None:
        """A job that has ended has no checkpoint any more."""
        ...


class Devices(Protocol):
    """The GPUs of this host, within one transaction."""

    async def take(
        self, kind: JobKind, job_id: UUID, attempt: int, holder: str, lease_s: float
    ) -> tuple[str, ...] | None:
        """Devices for an attempt, none where it needs none or this host has none; None: too few are free."""
        ...


class NoDevices:
    """A host that has none."""

    async def take(
        self,
        kind: JobKind,  # noqa: ARG002 - the port's
        job_id: UUID,  # noqa: ARG002
        attempt: int,  # noqa: ARG002
        holder: str,  # noqa: ARG002
        lease_s: float,  # noqa: ARG002
    ) -> tuple[str, ...] | None:
        """None is needed."""
        return ()


class Studies(Protocol):
    """The studies that there are, within one transaction. Those returned are locked until it ends."""

    async def add(self, study: Study) -> bool:
        """Enter a study without trials; False: there is one of that id."""
        ...

    async def locked(self, study_id: UUID) -> Study | None:
        """A study by its id."""
        ...

    async def save(self, study: Study) -> None:
        """Keep what was changed of a locked study and its trials."""
        ...


class Sampler(Protocol):
    """Chooses what a study tries; it knows nothing but the study."""

    async def ask(self, study: Study) -> Settings:
        """What the next trial is to try: the same for the same study."""
        ...

    async def lies_behind(self, study: Study, trial: Attempted, epochs: int) -> bool:
        """Whether a trial, by its last epoch of at most `epochs`, is not worth going on with."""
        ...

    async def importance(self, study: Study) -> Mapping[str, float]:
        """Share of the losses' variation that each setting explains; empty where too few trials tell."""
        ...


class StudyReports(Protocol):
    """Where reports of studies are kept.

    Raises:
        Unavailable: the store is away.
    """

    async def keep(self, report: StudyReport) -> ObjectReference:
        """Store a report with its figures."""
        ...


class Datasets(Protocol):
    """What is known of datasets, within one transaction."""

    async def locked(self, dataset_id: str) -> KnownDataset:
        """A dataset that nobody else learns of until the transaction ends, also one never heard of."""
        ...

    async def save(self, dataset: KnownDataset) -> None:
        """Keep what was changed of a locked dataset."""
        ...

    async def manifest_of(self, dataset_id: str) -> ObjectReference | None:
        """Where the manifest of a dataset lies now; None: there is no such dataset."""
        ...


class References(Protocol):
    """What points at which version of which model, within one transaction."""

    async def locked(self, model: str, reference: str) -> KnownReference:
        """A reference that nobody else learns of until the transaction ends, also one never heard of."""
        ...

    async def save(self, known: KnownReference) -> None:
        """Keep what was changed of a locked reference."""
        ...

    async def pointed(self, model: str, references: Collection[str]) -> Mapping[str, AliasAssigned]:
        """What each of these points at now; those that point at nothing are left out."""
        ...


class Cancellations(Protocol):
    """Cancels that came before their job."""

    async def remember(self, job_id: UUID, reason: str | None) -> None:
        """Keep it for when the job comes; a second time changes nothing."""
        ...

    async def take(self, job_id: UUID) -> tuple[bool, str | None]:
        """Whether the job was cancelled before it came, and why."""
        ...

    async def forget_old(self) -> None:
        """Drop those whose job can come no more."""
        ...


class Outbox(Protocol):
    """What is said when the transaction commits."""

    async def publish(self, message: Message, *, sequence: int, event_id: UUID | None = None) -> object:
        """Say `message`; `sequence` is the job's revision."""
        ...


type Answering = Callable[[Job | Study], Outbox]
"""The outbox of what is said of a job or study: all of it answers its request."""


class TrialOver(Protocol):
    """Hears of jobs that came to nothing, in the same transaction: some of them are trials."""

    async def __call__(self, job: Job, kind: str, reason: str | None) -> None:
        """It has failed, or was cancelled."""
        ...


class EpochOver(Protocol):
    """Hears of epochs, in the same transaction: some of them are trials'."""

    async def __call__(self, job: Job, loss: float, epochs: int) -> bool:
        """One of at most `epochs` ended with this validation loss; True: the job is to end."""
        ...


async def no_trial(job: Job, kind: str, reason: str | None) -> None:
    """Where there are no studies."""


async def no_trials_epoch(job: Job, loss: float, epochs: int) -> bool:  # noqa: ARG001 - the type's
    """Where there are no studies."""
    return False
