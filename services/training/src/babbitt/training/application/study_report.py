"""What is told of a study that has ended."""

from collections.abc import Mapping
from uuid import UUID

from babbitt.contracts.study_reports import StudyReport, TrialReport
from babbitt.training.domain.study import Study


def study_report(study: Study, best_trial: int, job: UUID, importance: Mapping[str, float]) -> StudyReport:
    """All its trials, without figures.

    Args:
        study: nothing of it runs any more.
        best_trial: the number of the best one.
        job: trains that once more.
        importance: of its settings.
    """
    return StudyReport(
        study=study.id,
        model=study.request.base.model,
        request=study.request.model_dump(mode="json"),
        trials=tuple(
            TrialReport(
                number=trial.number,
                job=trial.job,
                state=trial.state.value,
                settings=dict(trial.settings),
                validation_loss=trial.loss,
                validation_losses=trial.losses,
            )
            for trial in study.trials
        ),
        best_trial=best_trial,
        job=job,
        importance=dict(importance),
    )
