from uuid import uuid4

import pytest

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.training_requests import TrainRequested
from babbitt.training.domain.job import ENDED, TRANSITIONS, Job, SavedCheckpoint, State
from babbitt.training.domain.place import Place
from babbitt.training.errors import JobEnded, WrongState


@pytest.fixture
def job(cause):
    job_id = uuid4()
    request = TrainRequested(model="pump", dataset="d" * 64, job_id=job_id, requested_by="anne")
    return Job(id=job_id, request=request, cause=cause, state=State.QUEUED)


def checkpoint(epoch: int) -> SavedCheckpoint:
    reference = ObjectReference(key=f"training/checkpoints/{epoch}", sha256="b" * 64, size_bytes=1)
    return SavedCheckpoint(Place(1, epoch), reference)


def test_what_has_ended_becomes_nothing_else():
    assert all(not TRANSITIONS[state] for state in ENDED)
    assert set(TRANSITIONS) == set(State)


@pytest.mark.parametrize("state", sorted(ENDED))
def test_an_ended_job_is_not_taken_up(job, state):
    job.state = state
    with pytest.raises(WrongState):
        job.take_up(most_deaths=3)


def test_each_attempt_has_a_number_of_its_own(job):
    assert job.take_up(most_deaths=3)
    job.give_back()
    assert job.take_up(most_deaths=3)
    assert (job.attempt, job.deaths, job.state) == (2, 0, State.RUNNING)


def test_a_running_job_that_is_taken_up_has_lost_an_attempt(job):
    job.take_up(most_deaths=3)
    assert job.take_up(most_deaths=3)
    assert (job.attempt, job.deaths) == (2, 1)


def test_after_three_deaths_in_a_row_there_is_no_fourth_attempt(job):
    for _ in range(3):
        assert job.take_up(most_deaths=3)
        job.died()
    assert not job.take_up(most_deaths=3)
    job.fail()


def test_a_checkpoint_that_gets_further_forgives_the_deaths_before(job):
    job.take_up(most_deaths=3)
    job.died()
    job.take_up(most_deaths=3)
    assert job.checkpoint_saved(checkpoint(4))
    assert job.deaths == 0
    job.died()
    job.take_up(most_deaths=3)
    assert not job.checkpoint_saved(checkpoint(4))
    assert job.deaths == 1


def test_an_epoch_is_told_once_whichever_attempt_gets_there(job):
    assert [job.epoch_over(1, epoch) for epoch in (1, 2, 2, 1, 3)] == [True, True, False, False, True]


def test_a_running_job_is_cancelled_once(job):
    job.take_up(most_deaths=3)
    assert job.cancel()
    assert not job.cancel()


@pytest.mark.parametrize("state", [State.COMPLETED, State.FAILED])
def test_a_job_that_is_over_cannot_be_cancelled(job, state):
    job.state = state
    with pytest.raises(JobEnded, match=state):
        job.cancel()


def test_the_same_request_is_the_same_job_whoever_asks(job):
    assert job.answers(TrainRequested(model="pump", dataset="d" * 64))
    assert job.answers(TrainRequested(model="pump", dataset="d" * 64, job_id=job.id, requested_by="bert"))
    assert not job.answers(TrainRequested(model="fan", dataset="d" * 64))
    assert not job.answers(TrainRequested(model="pump", dataset="d" * 64, seed=1))
