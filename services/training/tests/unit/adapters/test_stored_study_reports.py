"""Reports of studies in an object store of a folder, with figures drawn."""

from uuid import UUID

import pytest

from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.study_reports import StudyReport, TrialReport
from babbitt.training.adapters.stored_study_reports import StoredStudyReports

LOSSES = {0: ("failed", None), 1: ("pruned", 0.9), 2: ("completed", 0.5), 3: ("completed", 0.6)}


@pytest.fixture
def report():
    trials = tuple(
        TrialReport(number=number, job=UUID(int=number), state=state, settings={"epochs": number}, validation_loss=loss)
        for number, (state, loss) in LOSSES.items()
    )
    return StudyReport(
        study=UUID(int=9), model="pump", request={}, trials=trials, best_trial=2, job=UUID(int=8),
        importance={"epochs": 0.75, "config.hidden": 0.25},
    )  # fmt: skip


async def test_a_report_is_kept_with_its_figures_and_read_back_as_it_was(report, tmp_path):
    objects = ObjectStore(tmp_path.as_uri(), "training")
    kept = await StoredStudyReports(objects).keep(report)
    assert kept.key == f"training/artifacts/{kept.sha256}"
    read = StudyReport.read(await objects.read(kept.key, kept.sha256))
    assert read.model_copy(update={"figures": {}}) == report
    assert set(read.figures) == {"history", "importance"}
    for figure in read.figures.values():
        assert (await objects.read(figure.key, figure.sha256)).startswith(b"\x89PNG")
    again = await StoredStudyReports(objects).keep(report)
    assert again == kept, "equal reports have equal bytes"


async def test_where_too_few_trials_tell_there_is_no_figure_of_importance(report, tmp_path):
    objects = ObjectStore(tmp_path.as_uri(), "training")
    kept = await StoredStudyReports(objects).keep(report.model_copy(update={"importance": {}}))
    assert set(StudyReport.read(await objects.read(kept.key)).figures) == {"history"}
