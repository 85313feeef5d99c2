"""Take note of a dataset that is not there, or not any more: the jobs that waited for it have failed."""

from dataclasses import dataclass
from datetime import datetime

from babbitt.contracts.training import TrainFailed
from babbitt.training.application.ports import Answering, Datasets, Jobs, TrialOver, no_trial


@dataclass(frozen=True, slots=True)
class ForgetDataset:
    """Runs inside the message's transaction; never commits."""

    jobs: Jobs
    datasets: Datasets
    answering: Answering
    trial_over: TrialOver = no_trial

    async def __call__(self, dataset_id: str, sequence: str | None, *, at: datetime, why: str) -> None:
        """Forget its manifest, and fail who waits.

        Args:
            dataset_id: which one.
            sequence: of the event that said so.
            at: when it was said: a job that was asked for later may wait for its being made anew.
            why: what became of it.
        """
        dataset = await self.datasets.locked(dataset_id)
        if not dataset.heard(sequence, None):
            return
        await self.datasets.save(dataset)
        for job in await self.jobs.waiting_for(dataset_id, since=at):
            job.fail()
            said = TrainFailed(job_id=job.id, model=job.request.model, kind="dataset_missing", reason=why)
            await self.answering(job).publish(said, sequence=job.say())
            await self.jobs.save(job)
            await self.trial_over(job, said.kind, why)
