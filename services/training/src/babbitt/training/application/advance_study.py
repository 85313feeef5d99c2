"""Go on with a study: what a trial came to is told, others begin, and the best one is trained once more."""

from collections.abc import Callable
from dataclasses import dataclass

from babbitt.contracts.names import derived_id
from babbitt.contracts.training import TrainFailed
from babbitt.contracts.tuning import TrialCompleted, TuningCompleted
from babbitt.training.application.ports import Answering, Sampler, Studies, StudyReports
from babbitt.training.application.record_epoch import PRUNED
from babbitt.training.application.study_report import study_report
from babbitt.training.application.submit_job import SubmitJob
from babbitt.training.application.trial_request import trial_request
from babbitt.training.domain.job import Job, Trial
from babbitt.training.domain.study import HOPELESS, Attempted, Study, StudyState, TrialState
from babbitt.training.errors import SettingsUnusable
from babbitt.training.families.registry import Presets


@dataclass(frozen=True, slots=True)
class AdvanceStudy:
    """Runs in the transaction in which a trial's job ends, and in that of the study's request; never commits.

    A job's row is locked before its study's.

    Attributes:
        submit: enters jobs in answer to what a study answers.
        answering: the outbox of what is said of a study.
    """

    studies: Studies
    sampler: Sampler
    submit: Callable[[Study], SubmitJob]
    answering: Answering
    presets: Presets
    reports: StudyReports

    async def tried(self, job: Job, loss: float) -> None:
        """A trial's job has learnt all that it could."""
        await self._ended(job, TrialState.COMPLETED, loss, None, None)

    async def failed(self, job: Job, kind: str, reason: str | None) -> None:
        """A job came to nothing, or was pruned; where it is no trial, that concerns nobody here."""
        if job.study is not None:
            await self._ended(job, TrialState.PRUNED if kind == PRUNED else TrialState.FAILED, None, kind, reason)

    async def epoch_over(self, job: Job, loss: float, epochs: int) -> bool:
        """Take note of an epoch of at most `epochs`; True: the trial lies behind the others and is to end."""
        study = await self.studies.locked(job.study.study) if job.study else None
        if study is None or study.over or job.study is None:
            return False
        trial = study.trials[job.study.number]
        trial.losses = (*trial.losses, loss)
        await self.studies.save(study)
        return study.request.prune and await self.sampler.lies_behind(study, trial, epochs)

    async def go_on(self, study: Study) -> None:
        """Begin what trials there is room for; with none left and none at work, end. The study is locked or new."""
        while study.wants_another():
            trial = study.begin(await self.sampler.ask(study))
            try:
                request = trial_request(study.request.base, trial.settings, self.presets, trial.job)
            except SettingsUnusable as error:
                await self._tell(study, trial, TrialState.FAILED, None, str(error))
            else:
                await self.submit(study)(request, study.cause, Trial(study.id, trial.number))
        if not study.running and not study.over:
            await self._end(study)
        await self.studies.save(study)

    async def _ended(
        self, job: Job, state: TrialState, loss: float | None, kind: str | None, reason: str | None
    ) -> None:
        study = await self.studies.locked(job.study.study) if job.study else None
        if study is None or study.over or job.study is None:
            return
        trial = study.trials[job.study.number]
        if kind in HOPELESS:
            study.hopeless = f"{kind}: {reason or kind}"
        last = trial.losses[-1] if trial.losses and state is TrialState.PRUNED else None
        await self._tell(study, trial, state, last if loss is None else loss, reason)
        await self.go_on(study)

    async def _tell(
        self, study: Study, trial: Attempted, state: TrialState, loss: float | None, reason: str | None
    ) -> None:
        trial.state, trial.loss = state, loss
        said = TrialCompleted(
            job_id=study.id,
            model=study.request.base.model,
            trial=trial.number,
            trial_job=trial.job,
            state=state.value,
            settings=dict(trial.settings),
            validation_loss=loss,
            best=study.best is trial,
            reason=reason,
        )
        await self.answering(study).publish(said, sequence=study.say())

    async def _end(self, study: Study) -> None:
        best, base = study.best, study.request.base
        if best is None or best.loss is None:
            study.state = StudyState.FAILED
            kind, reason = study.failure
            failed = TrainFailed(job_id=study.id, model=base.model, kind=kind, reason=reason)
            await self.answering(study).publish(failed, sequence=study.say())
            return
        study.state = StudyState.COMPLETED
        states = [trial.state for trial in study.trials]
        job_id = derived_id("best trial", study.id)
        importance = await self.sampler.importance(study)
        said = TuningCompleted(
            job_id=study.id,
            model=base.model,
            trials=len(states),
            pruned=states.count(TrialState.PRUNED),
            failed=states.count(TrialState.FAILED),
            best_trial=best.number,
            settings=dict(best.settings),
            validation_loss=best.loss,
            importance=dict(importance),
            job=job_id,
            report=await self.reports.keep(study_report(study, best.number, job_id, importance)),
        )
        await self.answering(study).publish(said, sequence=study.say())
        await self.submit(study)(trial_request(base, best.settings, self.presets, job_id), study.cause)
