from uuid import UUID

import pytest

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.names import derived_id
from babbitt.contracts.training import CheckpointSaved, EpochCompleted, TrainFailed, TrainRequested, TrainStarted
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
from babbitt.training.fitting.progress import Epoch, Started

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
    memory.lease = LeaseJob(memory.jobs, memory.datasets, memory.answering, "worker", 10.0, 3)
    return memory


def epoch(number: int) -> Epoch:
    return Epoch(
        epoch=number,
        epochs=5,
        train_loss=1.0,
        validation_loss=1.0,
        validation_accuracy=0.5,
        learning_rate=0.1,
        seconds=1.0,
    )


def checkpoint(epoch_number: int) -> ObjectReference:
    return ObjectReference(key=f"training/checkpoints/{epoch_number}", sha256="b" * 64, size_bytes=1)


async def test_a_job_is_leased_to_one_worker_at_a_time(desk):
    lease = await desk.lease()
    assert (lease.job_id, lease.attempt, lease.budget_left_s) == (JOB, 1, 120.0)
    assert await desk.lease() is None


async def test_a_lease_that_ran_out_is_somebody_elses_and_fences_off_the_first(desk):
    first = await desk.lease()
    desk.clock.now += 11.0
    second = await desk.lease()
    assert second.attempt == 2
    for write in (
        RecordStart(desk.jobs, desk.outbox)(first, Started.model_construct()),
        RecordEpoch(desk.jobs, desk.outbox)(first, epoch(1)),
        RecordCheckpoint(desk.jobs, desk.outbox)(first, 1, checkpoint(1)),
        FailJob(desk.jobs, desk.outbox)(first, "training_error", "no"),
        CompleteJob(desk.jobs, desk.outbox)(first, None, *[checkpoint(1)] * 3),
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
    assert desk.outbox.ids == [derived_id("EpochCompleted", JOB, number) for number in (1, 2, 3)]


async def test_a_checkpoint_is_where_the_next_attempt_goes_on_and_the_one_before_is_needed_no_more(desk):
    record = RecordCheckpoint(desk.jobs, desk.outbox)
    first = await desk.lease()
    assert await record(first, 1, checkpoint(1)) is None
    assert await record(first, 2, checkpoint(2)) == checkpoint(1)
    desk.clock.now += 11.0
    second = await desk.lease()
    assert second.checkpoint.epoch == 2
    assert second.checkpoint.reference == checkpoint(2)
    assert await record(second, 2, checkpoint(2)) is None
    assert [said.epoch for said in desk.outbox.said if isinstance(said, CheckpointSaved)] == [1, 2]


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
    await RecordCheckpoint(desk.jobs, desk.outbox)(lease, 1, checkpoint(1))
    await FailJob(desk.jobs, desk.outbox)(lease, "training_error", "no")
    assert desk.outbox.sequences == [1, 2, 3]
