"""What comes at once, to two replicas or two workers, on a real database: one of them waits, neither is missed."""

import asyncio
from uuid import uuid4

import pytest

from babbitt.chassis.database import transaction
from babbitt.contracts.training_requests import TrainCancelRequested, TrainRequested
from babbitt.training.adapters.postgres_datasets import PostgresCancellations, PostgresDatasets
from babbitt.training.adapters.postgres_jobs import PostgresJobs
from babbitt.training.adapters.postgres_references import PostgresReferences
from babbitt.training.adapters.postgres_studies import PostgresStudies
from babbitt.training.application.cancel_job import CancelJob
from babbitt.training.application.submit_job import SubmitJob
from babbitt.training.domain.job import Job, State
from babbitt.training.families.registry import load_presets

pytestmark = pytest.mark.integration

DATASET = "d" * 64
DEADLINE_S = 20
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.fixture
def job(cause):
    def make(state=State.QUEUED):
        request = TrainRequested(model="pump", dataset=DATASET, job_id=uuid4())
        return Job(id=request.job_id, request=request, cause=cause, state=state)

    return make


async def test_two_workers_at_once_never_take_the_same_job(bench, job):
    async with transaction(bench.sessions) as session:
        await PostgresJobs(session).add(job())
    async with transaction(bench.sessions) as first, transaction(bench.sessions) as second:
        assert await PostgresJobs(first).next_to_run()
        assert await PostgresJobs(second).next_to_run() is None


async def until_it_waits_or_ends(bench, task):
    async with asyncio.timeout(DEADLINE_S):
        while not task.done() and not await bench.column(WAITING):
            await asyncio.sleep(0.01)


async def test_a_job_and_its_dataset_that_come_at_once_do_not_miss_each_other(bench, job, manifest_reference):
    """The dataset's row is locked by both: whoever comes second sees what the first one did."""

    async def arrive():
        async with transaction(bench.sessions) as session:
            dataset = await PostgresDatasets(session).locked(DATASET)
            dataset.heard("1", manifest_reference)
            await PostgresDatasets(session).save(dataset)
            return await PostgresJobs(session).waiting_for(DATASET)

    async with transaction(bench.sessions) as session:
        dataset = await PostgresDatasets(session).locked(DATASET)
        arriving = asyncio.create_task(arrive())
        await until_it_waits_or_ends(bench, arriving)
        await PostgresJobs(session).add(job(State.QUEUED if dataset.manifest else State.WAITING))
    assert len(await arriving) == 1


@pytest.mark.parametrize("first", ["submit", "cancel"])
async def test_a_job_and_its_cancel_that_come_at_once_do_not_miss_each_other(bench, memory, cause, first):
    """They come on two partitions, so to two replicas: one waits until the other has committed."""
    request = TrainRequested(model="pump", dataset=DATASET, job_id=uuid4())

    async def submit(session):
        known = [
            store(session) for store in (PostgresDatasets, PostgresReferences, PostgresStudies, PostgresCancellations)
        ]
        await SubmitJob(PostgresJobs(session), *known, memory.outbox, load_presets())(request, cause)

    async def cancel(session):
        use_case = CancelJob(PostgresJobs(session), PostgresCancellations(session), memory.outbox)
        await use_case(TrainCancelRequested(job_id=request.job_id))

    async def within_a_transaction(handle):
        async with transaction(bench.sessions) as session:
            await handle(session)

    one, other = (submit, cancel) if first == "submit" else (cancel, submit)
    async with transaction(bench.sessions) as session:
        await one(session)
        later = asyncio.create_task(within_a_transaction(other))
        await until_it_waits_or_ends(bench, later)
    await later
    assert await bench.column("SELECT state FROM jobs") == "cancelled"
