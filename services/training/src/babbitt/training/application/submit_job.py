"""Answer a TrainRequested: a job that is queued, or waits for its dataset."""

from collections.abc import Collection
from dataclasses import dataclass

from babbitt.contracts.envelope import Envelope
from babbitt.contracts.names import derived_id
from babbitt.contracts.training import TrainCancelled, TrainQueued, TrainRequested
from babbitt.training.application.ports import Cancellations, Datasets, Jobs, Outbox
from babbitt.training.domain.job import Job, State
from babbitt.training.errors import JobIdTaken, PresetUnknown


@dataclass(frozen=True, slots=True)
class SubmitJob:
    """Runs inside the message's transaction; never commits."""

    jobs: Jobs
    datasets: Datasets
    cancellations: Cancellations
    outbox: Outbox
    presets: Collection[str]

    async def __call__(self, request: TrainRequested, cause: Envelope) -> None:
        """Enter the job, unless it is there already.

        Raises:
            PresetUnknown: no family has the preset.
            JobIdTaken: another job has that id; it goes on.
        """
        if request.preset not in self.presets:
            raise PresetUnknown(request.preset, tuple(self.presets))
        job_id = request.job_id or derived_id(cause.source, cause.id)
        await self.jobs.reserve(job_id)
        dataset = await self.datasets.locked(request.dataset)
        state = State.QUEUED if dataset.manifest else State.WAITING
        job = Job(id=job_id, request=request.model_copy(update={"job_id": job_id}), cause=cause, state=state)
        if not await self.jobs.add(job):
            known = await self.jobs.locked(job_id)
            if known is None or not known.answers(request):
                raise JobIdTaken(f"job {job_id} was asked for before, otherwise")
            return
        cancelled, reason = await self.cancellations.take(job_id)
        if cancelled:
            job.cancel()
            said = TrainCancelled(job_id=job_id, model=request.model, reason=reason)
            await self.outbox.publish(said, sequence=job.say())
        else:
            await self.outbox.publish(queued(job), sequence=job.say())
        await self.jobs.save(job)


def queued(job: Job) -> TrainQueued:
    """What is said of a job that is accepted, and again when it waits no longer."""
    return TrainQueued(
        job_id=job.id,
        model=job.request.model,
        dataset=job.request.dataset,
        preset=job.request.preset,
        waits_for_dataset=job.state is State.WAITING,
        requested_by=job.request.requested_by,
    )
