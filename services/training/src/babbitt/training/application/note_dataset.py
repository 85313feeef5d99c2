"""Take note of a dataset that is there: the jobs that wait for it may wait no longer."""

from dataclasses import dataclass

from babbitt.contracts.datasets import DatasetReady
from babbitt.training.application.ports import Answering, Datasets, Jobs
from babbitt.training.application.readiness import Readiness


@dataclass(frozen=True, slots=True)
class NoteDataset:
    """Runs inside the message's transaction; never commits."""

    jobs: Jobs
    datasets: Datasets
    readiness: Readiness
    answering: Answering

    async def __call__(self, ready: DatasetReady, sequence: str | None) -> None:
        """Remember its manifest, and queue who waits."""
        dataset = await self.datasets.locked(ready.dataset_id)
        if not dataset.heard(sequence, ready.manifest):
            return
        await self.datasets.save(dataset)
        waiting = await self.jobs.waiting_for(ready.dataset_id)
        await self.readiness.let_run(waiting, self.jobs, self.answering)
