from datetime import UTC, datetime, timedelta

import pytest

from babbitt.contracts.datasets import DatasetReady
from babbitt.contracts.training import TrainFailed
from babbitt.contracts.training_requests import TrainRequested
from babbitt.training.application.fail_waiting import FailWaiting
from babbitt.training.application.forget_dataset import ForgetDataset
from babbitt.training.application.note_dataset import NoteDataset
from babbitt.training.domain.job import State

DATASET = "d" * 64


@pytest.fixture
async def waiting(memory, cause):
    """The id of a job that waits for the dataset."""
    await memory.submit(TrainRequested(model="pump", dataset=DATASET), cause)
    (job_id,) = memory.jobs.rows
    return job_id


@pytest.fixture
def ready(data_spec, manifest_reference):
    return DatasetReady(
        dataset_id=DATASET, manifest=manifest_reference, data_spec=data_spec(), split_kind="record", counts={}
    )


@pytest.fixture
def note(memory):
    return NoteDataset(memory.jobs, memory.datasets, memory.readiness, memory.answering)


@pytest.fixture
def forget(memory):
    return ForgetDataset(memory.jobs, memory.datasets, memory.answering)


async def test_a_dataset_that_is_ready_wakes_the_jobs_that_wait_for_it(note, ready, memory, waiting):
    await note(ready, "1")
    assert memory.jobs.rows[waiting].state is State.QUEUED
    assert not memory.outbox.said[-1].waits_for_dataset
    assert memory.outbox.sequences == [1, 2]


async def test_a_ready_dataset_said_again_wakes_nobody_twice(note, ready, memory, waiting):
    await note(ready, "1")
    await note(ready, "2")
    assert len(memory.outbox.said) == 2


async def test_an_older_event_that_comes_late_changes_nothing(note, forget, ready, memory, waiting):
    await note(ready, "2")
    await forget(DATASET, "1", at=datetime.now(UTC), why="it failed once")
    assert await memory.datasets.manifest_of(DATASET) == ready.manifest


async def test_a_dataset_that_fails_fails_the_jobs_that_wait_for_it(forget, memory, waiting):
    await forget(DATASET, "1", at=datetime.now(UTC) + timedelta(seconds=1), why="dataset failed: no disk")
    assert memory.jobs.rows[waiting].state is State.FAILED
    failed = memory.outbox.said[-1]
    assert isinstance(failed, TrainFailed)
    assert (failed.kind, failed.reason) == ("dataset_missing", "dataset failed: no disk")


async def test_a_dataset_that_failed_before_the_job_was_asked_for_may_be_made_anew(forget, memory, waiting):
    await forget(DATASET, "1", at=datetime.now(UTC) - timedelta(minutes=1), why="dataset failed: no disk")
    assert memory.jobs.rows[waiting].state is State.WAITING


async def test_a_dataset_that_does_not_come_in_time_fails_the_job(memory, waiting):
    assert await FailWaiting(memory.jobs, memory.readiness, memory.answering, 60.0)() == 0
    memory.jobs.created[waiting] = (memory.jobs.created[waiting][0] - 61.0, datetime.now(UTC))
    assert await FailWaiting(memory.jobs, memory.readiness, memory.answering, 60.0)() == 1
    assert memory.outbox.said[-1].kind == "dataset_missing"
    assert "was not there after 60 s" in memory.outbox.said[-1].reason
