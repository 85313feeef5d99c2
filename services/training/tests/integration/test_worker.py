"""A worker on a real database; what it runs is a stand-in."""

import asyncio
from uuid import uuid4

import pytest

from babbitt.contracts.training_requests import TrainRequested
from babbitt.training.adapters.postgres_datasets import PostgresDatasets
from babbitt.training.adapters.postgres_jobs import PostgresJobs
from babbitt.training.adapters.postgres_references import PostgresReferences
from babbitt.training.adapters.speaking import answering
from babbitt.training.application.lease_job import LeaseJob
from babbitt.training.domain.job import Job, State
from babbitt.training.entrypoints.worker import Worker

pytestmark = pytest.mark.integration

DATASET = "d" * 64
DEADLINE_S = 5


class Attempts:
    """Runs attempts as it is told to, and keeps what the worker writes down of them."""

    def __init__(self):
        self.begun = asyncio.Event()
        self.deaths = asyncio.Queue()

    async def died(self, lease, reason):
        await self.deaths.put(reason)

    async def stopped_amid_its_end(self, lease):
        """As a task group whose task fails while it is cancelled: in Python 3.12 it tells the failure alone."""
        try:
            self.begun.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ExceptionGroup("unhandled errors", [KeyError("bug")]) from None

    async def bug(self, lease):
        raise ExceptionGroup("unhandled errors", [KeyError("bug")])


@pytest.fixture
def worker(bench):
    def make(attempts, run_job):
        def lease_job(session):
            stores = PostgresJobs(session), PostgresDatasets(session), PostgresReferences(session)
            return LeaseJob(*stores, answering(session), "worker", lease_s=60.0, most_deaths=3)

        return Worker(bench.sessions, lease_job, lambda: None, attempts, run_job, poll_s=0.01)

    return make


@pytest.fixture
async def queued(bench, cause, manifest_reference):
    """A job that can be run."""
    async with bench.sessions.begin() as session:
        dataset = await PostgresDatasets(session).locked(DATASET)
        dataset.heard("1", manifest_reference)
        await PostgresDatasets(session).save(dataset)
        request = TrainRequested(model="pump", dataset=DATASET)
        await PostgresJobs(session).add(Job(id=uuid4(), request=request, cause=cause, state=State.QUEUED))


async def test_a_worker_that_is_stopped_while_its_attempt_fails_ends_all_the_same(worker, queued):
    attempts = Attempts()
    running = asyncio.create_task(worker(attempts, attempts.stopped_amid_its_end).run())
    async with asyncio.timeout(DEADLINE_S):
        await attempts.begun.wait()
    running.cancel()
    await asyncio.wait([running], timeout=DEADLINE_S)
    assert running.done()


async def test_a_bug_ends_the_attempt_under_its_own_name_and_the_worker_goes_on(worker, queued):
    attempts = Attempts()
    running = asyncio.create_task(worker(attempts, attempts.bug).run())
    async with asyncio.timeout(DEADLINE_S):
        assert await attempts.deaths.get() == "KeyError: 'bug'"
    assert not running.done()
    running.cancel()
    await asyncio.wait([running])
