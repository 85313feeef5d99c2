"""Whether all that a job needs is there."""

from collections.abc import Sequence
from dataclasses import dataclass

from babbitt.contracts.training import TrainQueued
from babbitt.training.application.ports import Answering, Datasets, Jobs, References
from babbitt.training.domain.job import Job, State


@dataclass(frozen=True, slots=True)
class Readiness:
    """Looks at datasets and versions, within one transaction."""

    datasets: Datasets
    references: References

    async def missing(self, job: Job) -> str | None:
        """What is not there yet, in words; None: nothing."""
        if await self.datasets.manifest_of(job.request.dataset) is None:
            return f"dataset {job.request.dataset}"
        there = await self.references.pointed(job.request.model, job.references)
        absent = [reference for reference in job.references if reference not in there]
        return f"{job.request.model}@{', '.join(absent)}" if absent else None

    async def let_run(self, waiting: Sequence[Job], jobs: Jobs, answering: Answering) -> None:
        """Queue those of some locked jobs that wait for nothing any more."""
        for job in waiting:
            if await self.missing(job) is None:
                job.all_there()
                await answering(job).publish(queued(job), sequence=job.say())
                await jobs.save(job)


def queued(job: Job) -> TrainQueued:
    """What is said of a job that is accepted, and again when it waits no longer."""
    return TrainQueued(
        job_id=job.id,
        model=job.request.model,
        kind=job.kind,
        study=job.study.study if job.study else None,
        dataset=job.request.dataset,
        preset=job.preset,
        waits_for_dataset=job.state is State.WAITING,
        waits_for_device=job.waits_for_device,
        needs=tuple(int(reference) for reference in job.references if reference.isdecimal()),
        requested_by=job.request.requested_by,
    )
