from uuid import UUID

import pytest

from babbitt.contracts.training import TrainCancelled, TrainFailed, TrainQueued
from babbitt.contracts.training_requests import TrainCancelRequested, TrainRequested
from babbitt.contracts.tuning import Choice, Interval, TrialCompleted, TuningCompleted, TuningRequested
from babbitt.training.application.cancel_job import CancelJob
from babbitt.training.application.cancel_tuning import CancelTuning
from babbitt.training.application.complete_trial import CompleteTrial
from babbitt.training.application.fail_job import FailJob
from babbitt.training.application.lease_job import LeaseJob
from babbitt.training.application.record_epoch import RecordEpoch
from babbitt.training.domain.dataset import KnownDataset
from babbitt.training.domain.job import State
from babbitt.training.domain.study import StudyState
from babbitt.training.errors import JobEnded, JobIdTaken, LeaseLost, PresetUnknown, SpaceUnusable
from babbitt.training.fitting.progress import Epoch, Tried

DATASET = "d" * 64
STUDY = UUID(int=7)
RATES = {"learning_rate": Interval(low=1e-4, high=1e-2, log=True)}


def asked(space=None, base=None, **fields) -> TuningRequested:
    base = TrainRequested(model="pump", dataset=DATASET, job_id=STUDY, preset="spectral_small", **(base or {}))
    return TuningRequested(base=base, space=space or RATES, **{"trials": 3, "parallel": 2, **fields})


class Desk:
    """The service over its fakes: what a worker and a client do."""

    def __init__(self, memory, cause):
        self.memory, self.cause = memory, cause
        self._lease = LeaseJob(
            memory.jobs,
            memory.datasets,
            memory.references,
            memory.answering,
            "worker",
            60.0,
            3,
            trial_over=memory.advance.failed,
        )

    async def tune(self, rates=(1e-3, 2e-3, 3e-3), **fields):
        self.memory.sampler.settings = [{"learning_rate": rate} for rate in rates]
        await self.memory.tune(asked(**fields), self.cause)

    async def lease(self):
        return await self._lease()

    async def tried(self, lease, loss):
        await CompleteTrial(self.memory.jobs, self.memory.advance)(lease, Tried(validation_loss=loss))

    async def failed(self, lease, kind="training_error"):
        memory = self.memory
        await FailJob(memory.jobs, memory.outbox, memory.advance.failed)(lease, kind, "no")

    async def epoch(self, lease, number, loss):
        memory, advance = self.memory, self.memory.advance
        figures = {"train_loss": 1.0, "validation_accuracy": 0.5, "learning_rate": 0.1, "seconds": 1.0}
        over = Epoch(epoch=number, epochs=5, validation_loss=loss, **figures)
        await RecordEpoch(memory.jobs, memory.outbox, advance.epoch_over, advance.failed)(lease, over)

    async def cancel(self, job_id, reason=None):
        memory = self.memory
        study = CancelTuning(memory.jobs, memory.studies, memory.outbox)
        cancel = CancelJob(memory.jobs, memory.cancellations, memory.outbox, study, memory.advance.failed)
        await cancel(TrainCancelRequested(job_id=job_id, reason=reason))

    def said(self, kind):
        return [one for one in self.memory.outbox.said if isinstance(one, kind)]


@pytest.fixture
def desk(memory, cause, manifest_reference):
    memory.datasets.rows[DATASET] = KnownDataset(DATASET, "1", manifest_reference)
    return Desk(memory, cause)


async def test_a_study_is_queued_with_as_many_trials_as_may_run_at_once(desk):
    await desk.tune()
    study, *trials = desk.said(TrainQueued)
    assert (study.job_id, study.kind, study.study) == (STUDY, "tuning", None)
    assert [(one.kind, one.study) for one in trials] == [("training", STUDY)] * 2
    requests = [job.request for job in desk.memory.jobs.rows.values()]
    assert [request.overrides.learning_rate for request in requests] == [1e-3, 2e-3]


async def test_a_trial_that_ends_makes_room_for_the_next(desk):
    await desk.tune()
    lease = await desk.lease()
    await desk.tried(lease, 0.5)
    (told,) = desk.said(TrialCompleted)
    assert (told.trial, told.trial_job, told.state, told.validation_loss) == (0, lease.job_id, "completed", 0.5)
    assert told.best
    assert desk.memory.jobs.rows[lease.job_id].state is State.COMPLETED
    assert len(desk.memory.jobs.rows) == 3


async def test_the_best_trial_is_trained_once_more_when_all_have_ended(desk):
    await desk.tune()
    for loss in (0.5, 0.2, 0.4):
        await desk.tried(await desk.lease(), loss)
    (told,) = desk.said(TuningCompleted)
    assert (told.best_trial, told.settings, told.validation_loss) == (1, {"learning_rate": 2e-3}, 0.2)
    assert (told.trials, told.pruned, told.failed, told.importance) == (3, 0, 0, {"learning_rate": 1.0})
    final = desk.memory.jobs.rows[told.job]
    assert (final.study, final.state, final.request.overrides.learning_rate) == (None, State.QUEUED, 2e-3)
    assert [one.best for one in desk.said(TrialCompleted)] == [True, True, False]
    assert desk.memory.studies.rows[STUDY].state is StudyState.COMPLETED


async def test_the_report_of_a_study_has_every_trial_with_its_losses(desk):
    desk.memory.sampler.behind = {0}
    await desk.tune()
    lease = await desk.lease()
    await desk.epoch(lease, 1, 0.9)
    for loss in (0.2, 0.4):
        lease = await desk.lease()
        await desk.epoch(lease, 1, 0.7)
        await desk.tried(lease, loss)
    (told,) = desk.said(TuningCompleted)
    (kept,) = desk.memory.reports.kept
    assert told.report.key == "training/artifacts/study-1"
    assert [(one.number, one.state, one.validation_loss, one.validation_losses) for one in kept.trials] == [
        (0, "pruned", 0.9, (0.9,)), (1, "completed", 0.2, (0.7,)), (2, "completed", 0.4, (0.7,)),
    ]  # fmt: skip
    assert [one.settings for one in kept.trials] == [{"learning_rate": rate} for rate in (1e-3, 2e-3, 3e-3)]
    assert (kept.study, kept.best_trial, kept.job, kept.importance) == (STUDY, 1, told.job, told.importance)
    assert kept.request["trials"] == 3


async def test_a_trial_that_lies_behind_is_ended_and_its_attempt_says_no_more(desk):
    desk.memory.sampler.behind = {0}
    await desk.tune(trials=1)
    lease = await desk.lease()
    await desk.epoch(lease, 1, 0.9)
    (failed,) = desk.said(TrainFailed)[:1]
    (told,) = desk.said(TrialCompleted)
    assert (failed.job_id, failed.kind) == (lease.job_id, "pruned")
    assert (told.state, told.validation_loss, told.best) == ("pruned", 0.9, False)
    with pytest.raises(LeaseLost):
        await desk.epoch(lease, 2, 0.8)


async def test_nothing_is_pruned_where_that_is_not_asked_for(desk):
    desk.memory.sampler.behind = {0}
    await desk.tune(prune=False)
    lease = await desk.lease()
    await desk.epoch(lease, 1, 0.9)
    await desk.epoch(lease, 2, 0.8)
    assert not desk.said(TrainFailed)
    assert desk.memory.studies.rows[STUDY].trials[0].losses == (0.9, 0.8)


async def test_a_study_goes_on_after_a_trial_that_failed(desk):
    await desk.tune()
    await desk.failed(await desk.lease(), "diverged")
    for loss in (0.5, 0.2):
        await desk.tried(await desk.lease(), loss)
    (told,) = desk.said(TuningCompleted)
    assert (told.failed, told.best_trial) == (1, 2)
    assert (desk.said(TrialCompleted)[0].state, desk.said(TrialCompleted)[0].reason) == ("failed", "no")


async def test_a_study_of_which_all_trials_fail_fails(desk):
    await desk.tune()
    for _ in range(3):
        await desk.failed(await desk.lease())
    last = desk.said(TrainFailed)[-1]
    assert (last.job_id, last.kind) == (STUDY, "training_error")
    assert not desk.said(TuningCompleted)


async def test_no_more_trials_begin_after_one_whose_dataset_is_gone(desk):
    await desk.tune(trials=3)
    desk.memory.datasets.rows.clear()
    for _ in range(2):
        assert await desk.lease() is None
    assert len(desk.said(TrialCompleted)) == 2
    last = desk.said(TrainFailed)[-1]
    assert (last.job_id, last.kind) == (STUDY, "dataset_missing")
    assert last.reason.startswith("dataset ")
    assert last.reason.endswith("is not there any more")
    assert desk.memory.studies.rows[STUDY].state is StudyState.FAILED


async def test_settings_that_do_not_go_together_are_a_failed_trial_without_a_job(desk):
    space = {"epochs": Interval(kind="int", low=2, high=9), "patience": Interval(kind="int", low=1, high=9)}
    desk.memory.sampler.settings = [{"epochs": 2, "patience": 9}, {"epochs": 9, "patience": 2}]
    await desk.memory.tune(asked(space, trials=2, parallel=1), desk.cause)
    (told,) = desk.said(TrialCompleted)
    assert (told.trial, told.state) == (0, "failed")
    assert "patience" in told.reason
    assert len(desk.memory.jobs.rows) == 1


async def test_cancelling_a_study_cancels_its_trials(desk):
    await desk.tune()
    lease = await desk.lease()
    await desk.cancel(STUDY, "enough")
    await desk.cancel(STUDY)
    trials = list(desk.memory.jobs.rows)
    assert [one.job_id for one in desk.said(TrainCancelled)] == [*trials, STUDY]
    with pytest.raises(LeaseLost):
        await desk.tried(lease, 0.1)
    assert await desk.lease() is None


async def test_a_study_that_is_over_refuses_to_be_cancelled(desk):
    await desk.tune(trials=1)
    await desk.tried(await desk.lease(), 0.1)
    with pytest.raises(JobEnded):
        await desk.cancel(STUDY)


async def test_a_trial_that_is_cancelled_alone_counts_as_failed(desk):
    await desk.tune()
    await desk.cancel(next(iter(desk.memory.jobs.rows)))
    assert [one.state for one in desk.said(TrialCompleted)] == ["failed"]
    assert len(desk.memory.jobs.rows) == 3


async def test_a_cancel_that_comes_before_its_study_is_remembered(desk):
    await desk.cancel(STUDY)
    await desk.tune()
    assert [type(one) for one in desk.memory.outbox.said] == [TrainCancelled]
    assert not desk.memory.jobs.rows


async def test_the_same_request_again_is_the_same_study_and_another_one_is_refused(desk):
    await desk.tune()
    before = len(desk.memory.outbox.said)
    await desk.tune()
    assert len(desk.memory.outbox.said) == before
    with pytest.raises(JobIdTaken):
        await desk.tune(seed=5)


async def test_a_job_that_is_given_the_id_of_a_study_is_refused(desk):
    await desk.tune()
    before = len(desk.memory.jobs.rows)
    base = asked().base
    with pytest.raises(JobIdTaken, match="as a study"):
        await desk.memory.submit(base, desk.cause)
    assert len(desk.memory.jobs.rows) == before


@pytest.mark.parametrize(
    ("space", "says"),
    [
        ({"rate": Interval(low=0, high=1)}, "learning_rate"),
        ({"config.width": Interval(low=0, high=1)}, "config.hidden"),
        ({"learning_rate": Interval(low=0, high=1)}, "greater than 0"),
        ({"epochs": Interval(low=1, high=9)}, "valid integer"),
        ({"config.hidden": Choice(kind="choice", values=(64, "wide"))}, "int is accepted"),
        ({"loss.gamma": Interval(low=0, high=1)}, "loss/cross_entropy/gamma"),
        ({"loss.name": Choice(kind="choice", values=("focal", "hinge"))}, "focal"),
    ],
)
async def test_what_could_not_be_tried_is_refused_naming_the_setting(desk, space, says):
    with pytest.raises(SpaceUnusable) as refused:
        await desk.memory.tune(asked(space), desk.cause)
    (problem,) = refused.value.problem.errors
    assert problem.pointer == f"/space/{next(iter(space))}"
    assert says in str(refused.value)
    assert not desk.memory.studies.rows


async def test_an_unknown_preset_among_those_to_be_tried_is_refused(desk):
    with pytest.raises(PresetUnknown):
        await desk.memory.tune(asked({"preset": Choice(kind="choice", values=("nonsense",))}), desk.cause)


async def test_a_trial_can_be_of_another_preset_loss_and_schedule(desk):
    choice = {"kind": "choice"}
    space = {
        "preset": Choice(**choice, values=("spectral_small", "resnet1d_small")),
        "loss.name": Choice(**choice, values=("cross_entropy", "focal")),
        "loss.gamma": Interval(low=1, high=3),
        "schedule.warmup_share": Interval(low=0, high=0.5),
    }
    tried = {"loss.gamma": 1.5, "schedule.warmup_share": 0.25}
    desk.memory.sampler.settings = [
        {"preset": "resnet1d_small", "loss.name": "focal", **tried},
        {"preset": "spectral_small", "loss.name": "cross_entropy", **tried},
    ]
    await desk.memory.tune(asked(space), desk.cause)
    one, other = (job.request for job in desk.memory.jobs.rows.values())
    assert (one.preset, one.overrides.loss.gamma, one.overrides.schedule.warmup_share) == ("resnet1d_small", 1.5, 0.25)
    assert (other.preset, other.overrides.loss.name) == ("spectral_small", "cross_entropy")
