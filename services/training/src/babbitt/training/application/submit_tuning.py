"""Answer a TuningRequested: the study begins with its first trials."""

from dataclasses import dataclass

from babbitt.contracts.envelope import Envelope
from babbitt.contracts.names import derived_id
from babbitt.contracts.training import TrainCancelled, TrainQueued
from babbitt.contracts.tuning import TuningRequested
from babbitt.training.application.advance_study import AdvanceStudy
from babbitt.training.application.ports import Cancellations, Jobs, Outbox, Studies
from babbitt.training.application.trial_request import check_space
from babbitt.training.domain.study import Study, StudyState
from babbitt.training.errors import JobIdTaken


@dataclass(frozen=True, slots=True)
class SubmitTuning:
    """Runs inside the message's transaction; never commits."""

    jobs: Jobs
    studies: Studies
    cancellations: Cancellations
    outbox: Outbox
    advance: AdvanceStudy

    async def __call__(self, request: TuningRequested, cause: Envelope) -> None:
        """Enter the study, unless it is there already.

        Raises:
            PresetUnknown, SpaceUnusable: what is to be tried cannot be.
            JobIdTaken: another study or job has that id; it goes on.
        """
        check_space(request, self.advance.presets)
        base = request.base
        study_id = base.job_id or derived_id(cause.source, cause.id)
        await self.jobs.reserve(study_id)
        named = request.model_copy(update={"base": base.model_copy(update={"job_id": study_id})})
        study = Study(study_id, named, cause)
        if await self.jobs.locked(study_id) is not None:
            raise JobIdTaken(f"job {study_id} was asked for before, otherwise")
        if not await self.studies.add(study):
            known = await self.studies.locked(study_id)
            if known is None or not known.answers(request):
                raise JobIdTaken(f"study {study_id} was asked for before, otherwise")
            return
        cancelled, reason = await self.cancellations.take(study_id)
        if cancelled:
            study.state = StudyState.CANCELLED
            said = TrainCancelled(job_id=study_id, model=base.model, reason=reason)
            await self.outbox.publish(said, sequence=study.say())
            await self.studies.save(study)
            return
        queued = TrainQueued(
            job_id=study_id,
            model=base.model,
            kind="tuning",
            dataset=base.dataset,
            preset=base.preset,
            needs=(*((base.base_version,) if base.base_version else ()), *base.members),
            requested_by=request.requested_by or base.requested_by,
        )
        await self.outbox.publish(queued, sequence=study.say())
        await self.advance.go_on(study)
