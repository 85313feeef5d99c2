"""What the service looks for from time to time, on a real database and a real store."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import text

from babbitt.chassis.database import transaction
from babbitt.contracts.training_requests import TrainRequested
from babbitt.training.adapters.postgres_jobs import PostgresJobs
from babbitt.training.domain.job import Job, SavedCheckpoint, State
from babbitt.training.domain.place import Place

pytestmark = pytest.mark.integration

DEADLINE_S = 30


async def test_the_checkpoints_of_a_job_that_ended_long_ago_are_removed(bench, cause):
    request = TrainRequested(model="pump", dataset="d" * 64, job_id=uuid4())
    last, never_noted = [
        await bench.store.put_addressed(f"checkpoints/{request.job_id}", content) for content in (b"1", b"2")
    ]
    job = Job(request.job_id, request, cause, State.COMPLETED, checkpoints=(SavedCheckpoint(Place(1, 3), last),))
    async with transaction(bench.sessions) as session:
        await PostgresJobs(session).add(job)
        await session.execute(text("UPDATE jobs SET updated_at = now() - interval '2 hours'"))
    async with bench.running(), asyncio.timeout(DEADLINE_S):
        while await bench.column("SELECT count(*) FROM jobs WHERE checkpoints <> '[]'"):
            await asyncio.sleep(0.02)
    assert [await bench.store.size_of(each.key) for each in (last, never_noted)] == [None, None]
