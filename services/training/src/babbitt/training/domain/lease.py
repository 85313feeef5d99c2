"""The right to run a job for a while, and to speak for it."""

from dataclasses import dataclass
from uuid import UUID

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.training import TrainRequested
from babbitt.training.domain.job import SavedCheckpoint


@dataclass(frozen=True, slots=True)
class Lease:
    """One attempt at a job. Every write of the attempt is conditional on it.

    Attributes:
        attempt: fences off the attempts before.
        request, cause: the job's.
        manifest: the dataset's.
        checkpoint: from where the job goes on.
        budget_left_s: seconds of work that are left of the job's budget.
    """

    job_id: UUID
    attempt: int
    request: TrainRequested
    cause: Envelope
    manifest: ObjectReference
    checkpoint: SavedCheckpoint | None
    budget_left_s: float
