"""The right to run a job for a while, and to speak for it."""

from dataclasses import dataclass
from uuid import UUID

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.training import JobKind
from babbitt.training.domain.job import JobRequest, SavedCheckpoint, Trial, kind_of
from babbitt.training.domain.known_reference import NeededVersion


@dataclass(frozen=True, slots=True)
class Lease:
    """One attempt at a job. Every write of the attempt is conditional on it.

    Attributes:
        attempt: fences off the attempts before.
        request, cause: the job's.
        manifest: the dataset's.
        checkpoints: from where the job can go on, the latest last.
        budget_left_s: seconds of work that are left of the job's budget.
        versions: other versions that it needs.
        study: whose trial the job is, and which one.
        devices: UUIDs of the GPUs that it computes on; none: on the processor.
    """

    job_id: UUID
    attempt: int
    request: JobRequest
    cause: Envelope
    manifest: ObjectReference
    checkpoints: tuple[SavedCheckpoint, ...]
    budget_left_s: float
    versions: tuple[NeededVersion, ...] = ()
    study: Trial | None = None
    devices: tuple[str, ...] = ()

    @property
    def kind(self) -> JobKind:
        """What is to be done."""
        return kind_of(self.request)
