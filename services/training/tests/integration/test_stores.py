"""One suite for the ports on the database, over their fakes and PostgreSQL."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from babbitt.chassis.database import transaction
from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.training_requests import TrainRequested
from babbitt.contracts.tuning import Interval, TuningRequested
from babbitt.training.adapters.postgres_datasets import PostgresCancellations, PostgresDatasets
from babbitt.training.adapters.postgres_jobs import PostgresJobs
from babbitt.training.adapters.postgres_references import PostgresReferences
from babbitt.training.adapters.postgres_studies import PostgresStudies
from babbitt.training.domain.dataset import KnownDataset
from babbitt.training.domain.job import Job, SavedCheckpoint, State, Trial
from babbitt.training.domain.place import Place
from babbitt.training.domain.study import Study, StudyState, TrialState
from babbitt.training.errors import LeaseLost

pytestmark = pytest.mark.integration

DATASET = "d" * 64
DEADLINE_S = 10


class PostgresStores:
    """Each use is a transaction."""

    def __init__(self, sessions):
        self._sessions = sessions

    @asynccontextmanager
    async def __call__(self):
        async with transaction(self._sessions) as session:
            yield PostgresJobs(session), PostgresDatasets(session), PostgresCancellations(session)


@pytest.fixture(params=["memory", "postgres"])
def stores(request, memory):
    """An async context with jobs, datasets and cancellations."""
    if request.param == "postgres":
        return PostgresStores(request.getfixturevalue("bench").sessions)

    @asynccontextmanager
    async def in_memory():
        yield memory.jobs, memory.datasets, memory.cancellations

    return in_memory


@pytest.fixture
def job(cause):
    def make(state=State.QUEUED, **fields):
        job_id = uuid4()
        request = TrainRequested(model="pump", dataset=DATASET, job_id=job_id, **fields)
        return Job(id=job_id, request=request, cause=cause, state=state)

    return make


@pytest.fixture(params=["memory", "postgres"])
def studies(request, memory):
    """An async context with studies."""
    sessions = request.getfixturevalue("bench").sessions if request.param == "postgres" else None

    @asynccontextmanager
    async def opened():
        if sessions is None:
            yield memory.studies
            return
        async with transaction(sessions) as session:
            yield PostgresStudies(session)

    return opened


async def leased(stores, lease_s=60.0):
    async with stores() as (jobs, _, _):
        job = await jobs.next_to_run()
        job.take_up(most_deaths=9)
        await jobs.save(job)
        return job, await jobs.grant(job, "worker", lease_s)


async def until_it_ran_out(stores):
    async with asyncio.timeout(DEADLINE_S):
        while True:
            async with stores() as (jobs, _, _):
                if await jobs.next_to_run():
                    return
            await asyncio.sleep(0.01)


async def test_what_was_saved_is_there_again(stores, job):
    new = job(seed=5, requested_by="anne")
    async with stores() as (jobs, _, _):
        assert await jobs.add(new)
        assert not await jobs.add(new)
        reference = ObjectReference(key="training/a/b", sha256="b" * 64, size_bytes=7)
        new.checkpoints = (SavedCheckpoint(Place(2, 3, 5), reference, best=True),)
        new.revision, new.told, new.deaths, new.study = 4, Place(2, 3), 1, Trial(uuid4(), 4)
        await jobs.save(new)
    async with stores() as (jobs, _, _):
        assert await jobs.locked(new.id) == new
        assert await jobs.locked(uuid4()) is None


async def test_the_oldest_queued_job_is_the_next_to_run(stores, job):
    first, second, waiting = job(), job(), job(State.WAITING)
    for each in (waiting, first, second):
        async with stores() as (jobs, _, _):
            await jobs.add(each)
    assert (await leased(stores))[0].id == first.id
    assert (await leased(stores))[0].id == second.id
    async with stores() as (jobs, _, _):
        assert await jobs.next_to_run() is None


async def test_a_held_job_is_its_attempts_alone(stores, job):
    async with stores() as (jobs, _, _):
        await jobs.add(job())
    held, _ = await leased(stores)
    async with stores() as (jobs, _, _):
        assert (await jobs.held(held.id, 1)).id == held.id
        for attempt in (0, 2):
            with pytest.raises(LeaseLost):
                await jobs.held(held.id, attempt)
            with pytest.raises(LeaseLost):
                await jobs.renew(held.id, attempt, 60.0)


async def test_a_job_that_is_no_longer_running_is_held_by_nobody(stores, job):
    async with stores() as (jobs, _, _):
        await jobs.add(job())
    held, _ = await leased(stores)
    async with stores() as (jobs, _, _):
        held.cancel()
        await jobs.save(held)
        with pytest.raises(LeaseLost):
            await jobs.held(held.id, 1)


async def test_a_lease_that_ran_out_is_lost_and_its_job_is_to_run_again(stores, job):
    async with stores() as (jobs, _, _):
        await jobs.add(job())
    held, _ = await leased(stores, lease_s=0.05)
    await until_it_ran_out(stores)
    async with stores() as (jobs, _, _):
        with pytest.raises(LeaseLost):
            await jobs.held(held.id, 1)
        with pytest.raises(LeaseLost):
            await jobs.renew(held.id, 1, 60.0)
    again, _ = await leased(stores)
    assert (again.attempt, again.deaths) == (2, 1)


async def test_a_renewed_lease_lasts_and_its_work_is_counted(stores, job):
    async with stores() as (jobs, _, _):
        await jobs.add(job())
    held, worked_s = await leased(stores, lease_s=0.5)
    assert worked_s == 0.0
    await asyncio.sleep(0.1)
    async with stores() as (jobs, _, _):
        await jobs.renew(held.id, 1, 60.0)
        held.give_back()
        await jobs.save(held)
    _, worked_s = await leased(stores)
    assert 0.1 <= worked_s < 0.5


async def test_jobs_wait_for_their_own_dataset(stores, job):
    waiting, queued = job(State.WAITING), job()
    async with stores() as (jobs, _, _):
        await jobs.add(waiting)
        await jobs.add(queued)
    now = datetime.now(UTC)
    async with stores() as (jobs, _, _):
        assert [each.id for each in await jobs.waiting_for(DATASET)] == [waiting.id]
        assert not await jobs.waiting_for("e" * 64)
        assert len(await jobs.waiting_for(DATASET, since=now + timedelta(minutes=1))) == 1
        assert not await jobs.waiting_for(DATASET, since=now - timedelta(minutes=1))
        assert [each.id for each in await jobs.waited_longer_than(0.0)] == [waiting.id]
        assert not await jobs.waited_longer_than(60.0)


async def test_a_job_that_has_ended_keeps_its_checkpoint_for_a_while_and_then_it_is_forgotten(stores, job):
    runs, ended, without = job(State.RUNNING), job(State.RUNNING), job(State.RUNNING)
    async with stores() as (jobs, _, _):
        for each in (runs, ended, without):
            await jobs.add(each)
            if each is not without:
                reference = ObjectReference(key="training/a/b", sha256="b" * 64, size_bytes=7)
                each.checkpoints = (SavedCheckpoint(Place(1, 3), reference),)
            if each is not runs:
                each.complete()
            await jobs.save(each)
    async with stores() as (jobs, _, _):
        assert await jobs.ended_with_checkpoint(3600.0) == []
        assert await jobs.ended_with_checkpoint(0.0) == [ended.id]
        await jobs.forget_checkpoint(ended.id)
    async with stores() as (jobs, _, _):
        assert await jobs.ended_with_checkpoint(0.0) == []
        assert (await jobs.locked(ended.id)).checkpoints == ()
        assert (await jobs.locked(runs.id)).checkpoints


async def test_a_dataset_is_known_from_its_last_event(stores, manifest_reference):
    async with stores() as (_, datasets, _):
        assert await datasets.manifest_of(DATASET) is None
        dataset = await datasets.locked(DATASET)
        assert dataset == KnownDataset(DATASET)
        assert dataset.heard("2", manifest_reference)
        await datasets.save(dataset)
    async with stores() as (_, datasets, _):
        assert await datasets.manifest_of(DATASET) == manifest_reference
        assert not (await datasets.locked(DATASET)).heard("1", None)


async def test_an_early_cancel_is_taken_once(stores):
    job_id = uuid4()
    async with stores() as (_, _, cancellations):
        await cancellations.remember(job_id, "first")
        await cancellations.remember(job_id, "second")
    async with stores() as (_, _, cancellations):
        assert await cancellations.take(job_id) == (True, "first")
        assert await cancellations.take(job_id) == (False, None)


@pytest.fixture(params=["memory", "postgres"])
def references(request, memory):
    """An async context with what points at which version."""
    sessions = request.getfixturevalue("bench").sessions if request.param == "postgres" else None

    @asynccontextmanager
    async def opened():
        if sessions is None:
            yield memory.references
            return
        async with transaction(sessions) as session:
            yield PostgresReferences(session)

    return opened


async def test_a_reference_points_where_its_last_record_says_until_it_is_gone(references, golden):
    assigned = golden("AliasAssigned").message
    async with references() as known:
        assert await known.pointed(assigned.model, ["1", assigned.reference]) == {}
        row = await known.locked(assigned.model, assigned.reference)
        assert row.heard("2", assigned)
        await known.save(row)
    async with references() as known:
        assert await known.pointed(assigned.model, ["1", assigned.reference]) == {assigned.reference: assigned}
        row = await known.locked(assigned.model, assigned.reference)
        assert not row.heard("1", None)
        assert row.heard(None, None)
        await known.save(row)
    async with references() as known:
        assert await known.pointed(assigned.model, [assigned.reference]) == {}


async def test_jobs_about_a_model_wait_for_its_versions(stores, job):
    waiting = job(State.WAITING)
    async with stores() as (jobs, _, _):
        await jobs.add(waiting)
        await jobs.add(job())
    async with stores() as (jobs, _, _):
        assert [each.id for each in await jobs.waiting_for_version("pump")] == [waiting.id]
        assert not await jobs.waiting_for_version("fan")


async def test_a_study_is_entered_once_and_kept_with_its_trials(studies, cause):
    base = TrainRequested(model="pump", dataset=DATASET, job_id=uuid4())
    space = {"epochs": Interval(kind="int", low=2, high=9), "learning_rate": Interval(low=1e-5, high=1.0)}
    study = Study(base.job_id, TuningRequested(base=base, space=space), cause)
    async with studies() as rows:
        assert await rows.add(study)
        study.begin({"epochs": 3, "learning_rate": 1.0})
        study.begin({"epochs": 4, "learning_rate": 1e-5})
        await rows.save(study)
    async with studies() as rows:
        assert not await rows.add(Study(study.id, study.request, cause))
        found = await rows.locked(study.id)
        first = found.trials[0]
        first.state, first.losses, first.loss = TrialState.COMPLETED, (0.7, 0.5), 0.5
        found.state, found.revision, found.hopeless = StudyState.FAILED, 4, "no"
        await rows.save(found)
    async with studies() as rows:
        assert await rows.locked(uuid4()) is None
        assert await rows.locked(study.id) == found
    assert [type(value) for value in found.trials[0].settings.values()] == [int, float]
