"""A study on a real broker and a real database, its trials as real child processes."""

from uuid import uuid4

import pytest

from babbitt.contracts.study_reports import StudyReport
from babbitt.contracts.topics import TRAINING_REQUESTS
from babbitt.contracts.training import EpochCompleted, TrainCompleted, TrainQueued
from babbitt.contracts.training_requests import TrainRequested
from babbitt.contracts.tuning import Choice, Interval, TrialCompleted, TuningCompleted, TuningRequested

pytestmark = pytest.mark.integration

TRIALS = 2


async def test_a_study_tries_settings_and_the_best_becomes_a_model(bench, dataset, ready):
    _, manifest = dataset
    study = uuid4()
    base = TrainRequested(
        model="pump", dataset=manifest.dataset_id, job_id=study, overrides={"epochs": 1, "views": 0}, quick=True
    )
    space = {
        "preset": Choice(kind="choice", values=("spectral_small",)),
        "batch_size": Interval(kind="int", low=4, high=16),
    }
    async with bench.running(workers=2), bench.events() as heard:
        await bench.make_ready(ready)
        await bench.say(TRAINING_REQUESTS, TuningRequested(base=base, space=space, trials=TRIALS, parallel=2))
        tuned = await heard.until(TuningCompleted, job_id=study)
        completed = await heard.until(TrainCompleted, job_id=tuned.job)
    trials = {one.message.trial: one.message for one in heard.of(TrialCompleted, study)}
    assert sorted(trials) == list(range(TRIALS))
    assert {one.state for one in trials.values()} == {"completed"}
    best = trials[tuned.best_trial]
    assert best.validation_loss == tuned.validation_loss == min(one.validation_loss for one in trials.values())
    assert completed.preset == tuned.settings["preset"] == best.settings["preset"]
    jobs = {one.message.job_id for one in heard.deliveries if isinstance(one.message, TrainCompleted)}
    assert jobs == {tuned.job}
    (epoch,) = heard.of(EpochCompleted, best.trial_job)
    (again,) = heard.of(EpochCompleted, tuned.job)
    assert again.message.validation_loss == epoch.message.validation_loss
    queued = [one.message for one in heard.deliveries if isinstance(one.message, TrainQueued)]
    assert {one.job_id for one in queued if one.study == study} == {one.trial_job for one in trials.values()}
    assert await bench.column("SELECT state FROM studies") == "completed"
    assert await bench.column("SELECT count(*) FROM trials WHERE loss IS NOT NULL") == TRIALS
    report = StudyReport.read(await bench.store.read(tuned.report.key, tuned.report.sha256))
    assert {one.number: one.validation_loss for one in report.trials} == {
        number: one.validation_loss for number, one in trials.items()
    }
    assert [len(one.validation_losses) for one in report.trials] == [1] * len(trials)
