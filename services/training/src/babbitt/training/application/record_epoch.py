"""An epoch is over, or part of one: told once, whichever attempt gets there first."""

from dataclasses import dataclass

from babbitt.contracts.names import derived_id
from babbitt.contracts.training import EpochCompleted, TrainFailed, TrainProgressed
from babbitt.training.application.ports import EpochOver, Jobs, Outbox, TrialOver, no_trial, no_trials_epoch
from babbitt.training.domain.lease import Lease
from babbitt.training.fitting.progress import Epoch, Progressed

PRUNED = "pruned"


@dataclass(frozen=True, slots=True)
class RecordEpoch:
    """Runs in a transaction of the attempt's; raises LeaseLost where it no longer holds the job."""

    jobs: Jobs
    outbox: Outbox
    trials_epoch: EpochOver = no_trials_epoch
    trial_over: TrialOver = no_trial

    async def __call__(self, lease: Lease, epoch: Epoch) -> bool:
        """Say so; the event's id follows from job, run and epoch. False: it was told before."""
        job = await self.jobs.held(lease.job_id, lease.attempt)
        if not job.epoch_over(epoch.run, epoch.epoch):
            return False
        said = EpochCompleted(job_id=job.id, model=job.request.model, **epoch.model_dump(exclude={"event"}))
        event_id = derived_id("EpochCompleted", job.id, epoch.run, epoch.epoch)
        await self.outbox.publish(said, sequence=job.say(), event_id=event_id)
        loss = epoch.validation_loss
        behind = loss is not None and await self.trials_epoch(job, loss, epoch.epochs)
        reason = f"after epoch {epoch.epoch} it lay behind the median of the study's other trials"
        if behind:  # which ends the attempt's lease, too: its next word finds it lost
            job.fail()
            failed = TrainFailed(job_id=job.id, model=job.request.model, kind=PRUNED, reason=reason)
            await self.outbox.publish(failed, sequence=job.say())
        await self.jobs.save(job)
        if behind:
            await self.trial_over(job, PRUNED, reason)
        return True

    async def partly(self, lease: Lease, progressed: Progressed) -> None:
        """Say how far it is."""
        job = await self.jobs.held(lease.job_id, lease.attempt)
        said = TrainProgressed(job_id=job.id, model=job.request.model, **progressed.model_dump(exclude={"event"}))
        await self.outbox.publish(said, sequence=job.say())
        await self.jobs.save(job)
