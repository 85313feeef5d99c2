from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.names import derived_id
from babbitt.contracts.training import CheckpointSaved, EpochCompleted, TrainFailed, TrainStarted
from babbitt.contracts.training_requests import ImportRequested, TrainRequested
from babbitt.training.application.complete_job import CompleteJob
from babbitt.training.application.end_attempt import EndAttempt
from babbitt.training.application.fail_job import FailJob
from babbitt.training.application.lease_job import LeaseJob
from babbitt.training.application.record_checkpoint import RecordCheckpoint
from babbitt.training.application.record_epoch import RecordEpoch
from babbitt.training.application.record_start import RecordStart
from babbitt.training.domain.dataset import KnownDataset
from babbitt.training.domain.job import Job, State
from babbitt.training.errors import LeaseLost
from babbitt.training.fitting.progress import CheckpointWritten, Epoch, OutputFile, Progressed, Started

DATASET = "d" * 64
JOB = UUID(int=1)


class Clock:
    """A clock that is set."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def desk(memory, cause, manifest_reference):
    """A queued job whose dataset is there, and a worker that looks for one."""
    memory.jobs._clock = memory.clock = Clock()
    memory.datasets.rows[DATASET] = KnownDataset(DATASET, "1", manifest_reference)
    request = TrainRequested(model="pump", dataset=DATASET, job_id=JOB, budget_minutes=2)
    await memory.jobs.add(Job(id=JOB, request=request, cause=cause, state=State.QUEUED))
    memory.lease = LeaseJob(memory.jobs, memory.datasets, memory.references, memory.answering, "worker", 10.0, 3)
    return memory


def epoch(number: int, run: int = 1) -> Epoch:
    return Epoch(
        run=run,
        epoch=number,
        epochs=5,
        train_loss=1.0,
        validation_loss=1.0,
        validation_accuracy=0.5,
        learning_rate=0.1,
        seconds=1.0,
    )


def stored(number: int) -> ObjectReference:
    return ObjectReference(key=f"training/checkpoints/{number}", sha256="b" * 64, size_bytes=1)


def written(number: int, *, best: bool = False) -> CheckpointWritten:
    file = OutputFile(file="checkpoints/x.pt", sha256="b" * 64, size_bytes=1)
    return CheckpointWritten(epoch=number, best=best, checkpoint=file)


async def test_a_job_is_leased_to_one_worker_at_a_time(desk):
    lease = await desk.lease()
    assert (lease.job_id, lease.attempt, lease.budget_left_s) == (JOB, 1, 120.0)
    assert await desk.lease() is None


async def test_versions_that_are_gone_are_named(desk, cause):
    request = TrainRequested(model="pump", dataset=DATASET, job_id=JOB, preset="ensemble", members=(3, 5))
    desk.jobs.rows.clear()
    await desk.jobs.add(Job(id=JOB, request=request, cause=cause, state=State.QUEUED))
    assert await desk.lease() is None
    (failed,) = desk.outbox.said
    assert (failed.kind, failed.reason) == ("version_missing", "pump: 3, 5, which it needs, is out of use")


async def test_a_lease_that_ran_out_is_somebody_elses_and_fences_off_the_first(desk):
    first = await desk.lease()
    desk.clock.now += 11.0
    second = await desk.lease()
    assert second.attempt == 2
    for write in (
        RecordStart(desk.jobs, desk.outbox)(first, Started.model_construct()),
        RecordEpoch(desk.jobs, desk.outbox)(first, epoch(1)),
        RecordCheckpoint(desk.jobs, desk.outbox)(first, written(1), stored(1)),
        FailJob(desk.jobs, desk.outbox)(first, "training_error", "no"),
        CompleteJob(desk.jobs, desk.outbox)(first, None, {}),
        EndAttempt(desk.jobs, desk.outbox, 3).died(first, "no"),
        EndAttempt(desk.jobs, desk.outbox, 3).given_back(first),
        desk.jobs.renew(first.job_id, first.attempt, 10.0),
    ):
        with pytest.raises(LeaseLost):
            await write
    assert not desk.outbox.said


async def test_a_lease_that_ran_out_says_nothing_even_if_nobody_took_it(desk):
    lease = await desk.lease()
    desk.clock.now += 11.0
    with pytest.raises(LeaseLost):
        await RecordEpoch(desk.jobs, desk.outbox)(lease, epoch(1))


async def test_a_renewed_lease_goes_on_and_its_work_is_counted_against_the_budget(desk):
    lease = await desk.lease()
    for _ in range(3):
        desk.clock.now += 8.0
        await desk.jobs.renew(lease.job_id, lease.attempt, 10.0)
    await EndAttempt(desk.jobs, desk.outbox, 3).given_back(lease)
    assert (await desk.lease()).budget_left_s == 120.0 - 24.0


async def test_an_epoch_is_told_once_under_an_id_that_follows_from_it(desk):
    first = await desk.lease()
    told = [await RecordEpoch(desk.jobs, desk.outbox)(first, epoch(number)) for number in (1, 2)]
    desk.clock.now += 11.0
    second = await desk.lease()
    told += [await RecordEpoch(desk.jobs, desk.outbox)(second, epoch(number)) for number in (2, 3)]
    assert told == [True, True, False, True]
    assert [said.epoch for said in desk.outbox.said if isinstance(said, EpochCompleted)] == [1, 2, 3]
    assert desk.outbox.ids == [derived_id("EpochCompleted", JOB, 1, number) for number in (1, 2, 3)]


async def test_the_first_epoch_of_the_next_run_is_another_epoch(desk):
    lease = await desk.lease()
    record = RecordEpoch(desk.jobs, desk.outbox)
    assert [await record(lease, epoch(number, run)) for run, number in ((1, 2), (2, 1), (1, 2))] == [True, True, False]


async def test_the_last_two_checkpoints_and_the_best_one_are_kept_and_the_others_needed_no_more(desk):
    record = RecordCheckpoint(desk.jobs, desk.outbox)
    first = await desk.lease()
    needless = [await record(first, written(number, best=number == 2), stored(number)) for number in (1, 2, 3, 4, 5)]
    assert needless == [[], [], [stored(1)], [], [stored(3)]]
    desk.clock.now += 11.0
    second = await desk.lease()
    assert [one.place.epoch for one in second.checkpoints] == [2, 4, 5]
    assert second.checkpoints[-1].reference == stored(5)
    assert await record(second, written(5), stored(5)) == []
    assert await record(second, written(5), stored(9)) == [stored(9)]
    assert [said.epoch for said in desk.outbox.said if isinstance(said, CheckpointSaved)] == [1, 2, 3, 4, 5]


async def test_a_checkpoint_within_an_epoch_is_later_than_the_one_after_the_epoch_before(desk):
    record = RecordCheckpoint(desk.jobs, desk.outbox)
    lease = await desk.lease()
    within = written(1).model_copy(update={"step": 7})
    assert [await record(lease, one, stored(number)) for number, one in enumerate((written(1), within, written(2)))]
    assert [tuple(one.place) for one in (await desk.jobs.held(JOB, 1)).checkpoints] == [(1, 1, 7), (1, 2, 0)]


async def test_how_far_an_epoch_is_is_told(desk):
    lease = await desk.lease()
    await RecordEpoch(desk.jobs, desk.outbox).partly(lease, Progressed(epoch=3, step=40, steps=77, train_loss=0.5))
    (said,) = desk.outbox.said
    assert (said.epoch, said.step, said.steps, said.train_loss) == (3, 40, 77, 0.5)


async def test_the_start_of_an_attempt_is_told_with_its_number(desk):
    lease = await desk.lease()
    started = Started(epochs=5, resumes_from_epoch=2, device="cpu", threads=1, windows=10, parameters=100)
    await RecordStart(desk.jobs, desk.outbox)(lease, started)
    assert desk.outbox.said == [
        TrainStarted(job_id=JOB, model="pump", attempt=1, epochs=5, resumes_from_epoch=2, device="cpu")
    ]


async def test_the_third_death_in_a_row_fails_the_job_with_the_last_words(desk):
    end = EndAttempt(desk.jobs, desk.outbox, 3)
    for _ in range(3):
        await end.died(await desk.lease(), "ended by signal 9")
    (failed,) = desk.outbox.said
    assert isinstance(failed, TrainFailed)
    assert failed.kind == "attempts_exhausted"
    assert "ended by signal 9" in failed.reason
    assert await desk.lease() is None


async def test_three_leases_that_ran_out_in_a_row_fail_the_job(desk):
    for _ in range(3):
        assert await desk.lease()
        desk.clock.now += 11.0
    assert await desk.lease() is None
    assert [said.kind for said in desk.outbox.said] == ["attempts_exhausted"]


async def test_a_job_whose_dataset_was_deleted_meanwhile_fails(desk):
    desk.datasets.rows[DATASET] = KnownDataset(DATASET, "2", None)
    assert await desk.lease() is None
    assert [said.kind for said in desk.outbox.said] == ["dataset_missing"]


async def test_what_is_said_of_a_job_is_numbered(desk):
    lease = await desk.lease()
    await RecordEpoch(desk.jobs, desk.outbox)(lease, epoch(1))
    await RecordCheckpoint(desk.jobs, desk.outbox)(lease, written(1), stored(1))
    await FailJob(desk.jobs, desk.outbox)(lease, "training_error", "no")
    assert desk.outbox.sequences == [1, 2, 3]


class OfOneHost:
    """Devices that are free, or not."""

    def __init__(self, free):
        self.free = free

    async def take(self, kind, job_id, attempt, holder, lease_s):
        return () if kind != "training" else self.free


async def test_a_job_without_a_free_device_waits_and_says_so_once_while_those_that_need_none_go_on(desk, cause):
    host = OfOneHost(None)
    lease = replace(desk.lease, devices=host)
    assert await lease() is None
    assert await lease() is None
    assert [(said.job_id, said.waits_for_device) for said in desk.outbox.said] == [(JOB, True)]
    foreign = ImportRequested.model_construct(model="pump", dataset=DATASET, budget_minutes=1, job_id=uuid4())
    await desk.jobs.add(Job(id=foreign.job_id, request=foreign, cause=cause, state=State.QUEUED))
    assert (await lease()).job_id == foreign.job_id
    host.free = ("GPU-a",)
    assert (await lease()).devices == ("GPU-a",)
    assert not desk.jobs.rows[JOB].waits_for_device
