"""Answer a request for a job: it is queued, or waits for what it needs."""

from dataclasses import dataclass

from babbitt.contracts.envelope import Envelope
from babbitt.contracts.names import derived_id
from babbitt.contracts.training import TrainCancelled
from babbitt.contracts.training_requests import TrainRequested
from babbitt.training.application.ports import Cancellations, Datasets, Jobs, Outbox, References, Studies
from babbitt.training.application.readiness import Readiness, queued
from babbitt.training.domain.job import Job, JobRequest, State, Trial
from babbitt.training.errors import JobIdTaken, PresetUnknown, SettingsRefused
from babbitt.training.families.errors import UnknownPreset
from babbitt.training.families.registry import Presets
from babbitt.training.fitting.errors import BadRequest
from babbitt.training.fitting.request import check_settings


@dataclass(frozen=True, slots=True)
class SubmitJob:
    """Runs inside the message's transaction; never commits."""

    jobs: Jobs
    datasets: Datasets
    references: References
    studies: Studies
    cancellations: Cancellations
    outbox: Outbox
    presets: Presets

    async def __call__(self, request: JobRequest, cause: Envelope, study: Trial | None = None) -> None:
        """Enter the job, unless it is there already.

        Raises:
            PresetUnknown, SettingsRefused: no family has the preset, or it cannot do what is asked for.
            JobIdTaken: another job, or a study, has that id; it goes on.
        """
        if isinstance(request, TrainRequested):
            self._check(request)
        job_id = request.job_id or derived_id(cause.source, cause.id)
        await self.jobs.reserve(job_id)
        if await self.studies.locked(job_id) is not None:
            raise JobIdTaken(f"job {job_id} was asked for before, as a study")
        await self.datasets.locked(request.dataset)
        named = request.model_copy(update={"job_id": job_id})
        job = Job(id=job_id, request=named, cause=cause, state=State.WAITING, study=study)
        for reference in job.references:
            await self.references.locked(request.model, reference)
        if not await self.jobs.add(job):
            known = await self.jobs.locked(job_id)
            if known is None or not known.answers(request):
                raise JobIdTaken(f"job {job_id} was asked for before, otherwise")
            return
        if await Readiness(self.datasets, self.references).missing(job) is None:
            job.all_there()
        cancelled, reason = await self.cancellations.take(job_id)
        if cancelled:
            job.cancel()
            said = TrainCancelled(job_id=job_id, model=request.model, reason=reason)
            await self.outbox.publish(said, sequence=job.say())
        else:
            await self.outbox.publish(queued(job), sequence=job.say())
        await self.jobs.save(job)

    def _check(self, request: TrainRequested) -> None:
        try:
            check_settings(request, self.presets.named(request.preset))
        except UnknownPreset as error:
            raise PresetUnknown(request.preset, self.presets.names()) from error
        except BadRequest as error:
            raise SettingsRefused(str(error)) from error
