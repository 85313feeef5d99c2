"""A checkpoint lies in the object store: the job can go on from there."""

from collections.abc import Sequence
from dataclasses import dataclass

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.names import derived_id
from babbitt.contracts.training import CheckpointSaved
from babbitt.training.application.ports import Jobs, Outbox
from babbitt.training.domain.job import SavedCheckpoint
from babbitt.training.domain.lease import Lease
from babbitt.training.domain.place import Place
from babbitt.training.fitting.progress import CheckpointWritten


@dataclass(frozen=True, slots=True)
class RecordCheckpoint:
    """Runs in a transaction of the attempt's; raises LeaseLost where it no longer holds the job."""

    jobs: Jobs
    outbox: Outbox

    async def __call__(
        self, lease: Lease, written: CheckpointWritten, reference: ObjectReference
    ) -> Sequence[ObjectReference]:
        """Say so; the checkpoints that are needed no more, which may be this one."""
        job = await self.jobs.held(lease.job_id, lease.attempt)
        place = Place(written.run, written.epoch, written.step)
        before = [one.reference for one in job.checkpoints]
        if not job.checkpoint_saved(SavedCheckpoint(place, reference, written.best)):
            return [] if reference in before else [reference]
        said = CheckpointSaved(job_id=job.id, model=job.request.model, checkpoint=reference, **place._asdict())
        event_id = derived_id("CheckpointSaved", job.id, *place)
        await self.outbox.publish(said, sequence=job.say(), event_id=event_id)
        await self.jobs.save(job)
        kept = [one.reference for one in job.checkpoints]
        return [one for one in before if one not in kept]
