"""Take note of a dataset that is there: the jobs that wait for it wait no longer."""

from dataclasses import dataclass

from babbitt.contracts.datasets import DatasetReady
from babbitt.training.application.ports import Answering, Datasets, Jobs
from babbitt.training.application.submit_job import queued


@dataclass(frozen=True, slots=True)
class NoteDataset:
    """Runs inside the message's transaction; never commits."""

    jobs: Jobs
    datasets: Datasets
    answering: Answering

    async def __call__(self, ready: DatasetReady, sequence: str | None) -> None:
        """Remember its manifest, and queue who waits."""
        dataset = await self.datasets.locked(ready.dataset_id)
        if not dataset.heard(sequence, ready.manifest):
            return
        await self.datasets.save(dataset)
        for job in await self.jobs.waiting_for(ready.dataset_id):
            job.dataset_arrived()
            await self.answering(job).publish(queued(job), sequence=job.say())
            await self.jobs.save(job)
