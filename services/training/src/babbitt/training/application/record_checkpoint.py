"""A checkpoint lies in the object store: the job can go on from there."""

from dataclasses import dataclass

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.names import derived_id
from babbitt.contracts.training import CheckpointSaved
from babbitt.training.application.ports import Jobs, Outbox
from babbitt.training.domain.job import SavedCheckpoint
from babbitt.training.domain.lease import Lease


@dataclass(frozen=True, slots=True)
class RecordCheckpoint:
    """Runs in a transaction of the attempt's; raises LeaseLost where it no longer holds the job."""

    jobs: Jobs
    outbox: Outbox

    async def __call__(self, lease: Lease, epoch: int, reference: ObjectReference) -> ObjectReference | None:
        """Say so; the checkpoint that is needed no more, which may be this one."""
        job = await self.jobs.held(lease.job_id, lease.attempt)
        before = job.checkpoint
        if not job.checkpoint_saved(SavedCheckpoint(epoch, reference)):
            return reference if before and before.reference != reference else None
        said = CheckpointSaved(job_id=job.id, model=job.request.model, epoch=epoch, checkpoint=reference)
        event_id = derived_id("CheckpointSaved", job.id, epoch)
        await self.outbox.publish(said, sequence=job.say(), event_id=event_id)
        await self.jobs.save(job)
        return before.reference if before and before.reference != reference else None
