"""Cancel a study: its trials stop with it."""

from dataclasses import dataclass
from uuid import UUID

from babbitt.contracts.training import TrainCancelled
from babbitt.training.application.ports import Jobs, Outbox, Studies
from babbitt.training.domain.job import ENDED
from babbitt.training.domain.study import StudyState
from babbitt.training.errors import JobEnded


@dataclass(frozen=True, slots=True)
class CancelTuning:
    """Runs inside the message's transaction; never commits."""

    jobs: Jobs
    studies: Studies
    outbox: Outbox

    async def __call__(self, study_id: UUID, reason: str | None) -> bool:
        """Cancel it; asked for again, nothing more happens. False: there is no such study.

        Raises:
            JobEnded: it is over.
        """
        await self.jobs.of_study(study_id)  # jobs are locked before their study: a trial's end takes them so
        study = await self.studies.locked(study_id)
        if study is None:
            return False
        if study.over and study.state is not StudyState.CANCELLED:
            raise JobEnded(f"study {study_id} is {study.state}: there is nothing to cancel")
        if study.over:
            return True
        study.state = StudyState.CANCELLED
        for job in await self.jobs.of_study(study_id):
            if job.state not in ENDED and job.cancel():
                said = TrainCancelled(job_id=job.id, model=job.request.model, reason=reason)
                await self.outbox.publish(said, sequence=job.say())
                await self.jobs.save(job)
        said = TrainCancelled(job_id=study_id, model=study.request.base.model, reason=reason)
        await self.outbox.publish(said, sequence=study.say())
        await self.studies.save(study)
        return True
