"""Copies that no version names are collected, and never one that is being registered: a real database, a real store."""

import asyncio
import hashlib
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from babbitt.chassis.clock import utc_now
from babbitt.chassis.database import transaction
from babbitt.chassis.errors import Unavailable
from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.model_requests import RetirementRequested
from babbitt.contracts.names import new_id
from babbitt.registry.adapters.object_store import StoredArtifacts
from babbitt.registry.adapters.postgres import PostgresModels
from babbitt.registry.adapters.postgres_artifacts import PostgresArtifacts
from babbitt.registry.adapters.postgres_needs import PostgresNeeds
from babbitt.registry.adapters.stored_copies import StoredCopies
from babbitt.registry.adapters.tables import ARTIFACTS
from babbitt.registry.application.collect_artifacts import CollectArtifacts
from babbitt.registry.application.retire_version import RetireVersion

pytestmark = pytest.mark.integration

DEADLINE_S = 20


class Yard:
    """Registers, retires and collects; nothing is announced to anybody."""

    def __init__(self, bench, completed, said, registration):
        self._bench, self._completed, self._said, self._registration = bench, completed, said, registration
        self.objects = ObjectStore(bench.settings().object_store_url, "registry")
        self.artifacts = StoredArtifacts(self.objects)
        self.copies = StoredCopies(self.objects)

    async def register(self, content, *, artifacts=None):
        told = self._completed(artifact=await self._bench.training.put_addressed("artifacts", content), accuracy=0.5)
        async with transaction(self._bench.sessions) as session:
            await self._registration(session, self._said, artifacts=artifacts or self.artifacts)(told)
        return told.artifact.sha256

    async def retire(self, version):
        async with transaction(self._bench.sessions) as session:
            request = RetirementRequested(model="pump", version=version, reason="old")
            await RetireVersion(PostgresModels(session), self._said)(request)

    async def need(self, version):
        async with transaction(self._bench.sessions) as session:
            await PostgresNeeds(session).add(new_id(), "pump", (version,))

    @asynccontextmanager
    async def book(self):
        async with transaction(self._bench.sessions) as session:
            yield PostgresArtifacts(session)

    async def collect(self, *, hours=0.0, copies=None):
        return await CollectArtifacts(self.book, copies or self.copies, utc_now, timedelta(hours=hours))()

    async def holds(self, digest):
        return await self.objects.size_of(f"registry/artifacts/{digest}") is not None

    async def condemned(self):
        async with transaction(self._bench.sessions) as session:
            query = select(ARTIFACTS.c.sha256).where(ARTIFACTS.c.state == "condemned")
            return set(await session.scalars(query))


@pytest.fixture
async def yard(bench, completed, said, registration):
    made = Yard(bench, completed, said, registration)
    await made.objects.delete_all("registry/artifacts")
    return made


async def test_a_copy_goes_once_no_version_in_use_names_it_and_not_before(yard):
    shared = await yard.register(b"shared")
    await yard.register(b"shared")
    other = await yard.register(b"other")
    await yard.retire(1)
    assert await yard.collect() == 0
    assert [await yard.holds(one) for one in (shared, other)] == [True, True]
    await yard.retire(2)
    assert await yard.collect() == 1
    assert [await yard.holds(one) for one in (shared, other)] == [False, True]
    assert await yard.collect() == 0, "it is gone already"


async def test_what_a_job_needs_stays_though_its_version_was_retired_before_the_job_was_heard_of(yard):
    first, second = [await yard.register(content) for content in (b"first", b"second")]
    await yard.retire(1)
    await yard.retire(2)
    await yard.need(1)
    assert await yard.collect() == 1
    assert [await yard.holds(one) for one in (first, second)] == [True, False]


async def test_what_is_condemned_and_then_needed_by_a_job_is_not_given_up(yard):
    digest = await yard.register(b"weights")
    await yard.retire(1)
    async with yard.book() as book:
        await book.condemn(utc_now())
    await yard.need(1)
    assert await yard.collect() == 0
    assert await yard.holds(digest)
    assert await yard.condemned() == set()


async def test_what_no_version_names_here_is_left_alone_for_the_schema_may_be_the_one_that_lacks(yard):
    unknown = (await yard.objects.put_addressed("artifacts", b"of a schema that was lost")).sha256
    assert await yard.collect() == 0
    assert await yard.holds(unknown)


async def test_what_a_registration_copied_that_never_ended_is_collected_unless_it_is_told_again(yard):
    class Cut(StoredArtifacts):
        async def adopt(self, candidate):
            await super().adopt(candidate)
            raise Unavailable("database", "the connection is lost")

    contents = (b"given up", b"told again")
    for content in contents:
        with pytest.raises(Unavailable):
            await yard.register(content, artifacts=Cut(yard.objects))
    assert await yard.collect(hours=24) == 0
    told_again = await yard.register(contents[1])
    assert await yard.collect() == 1
    left = [hashlib.sha256(content).hexdigest() for content in contents]
    assert [await yard.holds(digest) for digest in left] == [False, True]
    assert left[1] == told_again


async def test_what_is_condemned_lies_there_for_a_while_and_is_revived_by_who_registers_it_again(yard):
    digest = await yard.register(b"weights")
    await yard.retire(1)
    async with yard.book() as book:
        await book.condemn(utc_now())
    assert await yard.condemned() == {digest}
    assert await yard.collect(hours=24) == 0
    assert await yard.holds(digest)
    await yard.register(b"weights")
    assert await yard.condemned() == set()
    assert await yard.collect() == 0
    assert await yard.holds(digest)


async def test_who_registers_what_is_being_deleted_waits_and_writes_it_anew(yard):
    digest = await yard.register(b"weights")
    await yard.retire(1)
    deleting, go_on = asyncio.Event(), asyncio.Event()

    class SlowCopies(StoredCopies):
        async def delete(self, digest):
            deleting.set()
            await go_on.wait()
            await super().delete(digest)

    collecting = asyncio.create_task(yard.collect(copies=SlowCopies(yard.objects)))
    await asyncio.wait_for(deleting.wait(), DEADLINE_S)
    registering = asyncio.create_task(yard.register(b"weights"))
    done, _ = await asyncio.wait([registering], timeout=0.3)
    assert not done, "it would write what is deleted a moment later"
    go_on.set()
    assert await collecting == 1
    await registering
    assert await yard.holds(digest)


async def test_what_is_being_registered_is_passed_over_by_who_collects(yard):
    digest = await yard.register(b"weights")
    await yard.retire(1)
    copied, go_on = asyncio.Event(), asyncio.Event()

    class SlowArtifacts(StoredArtifacts):
        async def adopt(self, candidate):
            adopted = await super().adopt(candidate)
            copied.set()
            await go_on.wait()
            return adopted

    registering = asyncio.create_task(yard.register(b"weights", artifacts=SlowArtifacts(yard.objects)))
    await asyncio.wait_for(copied.wait(), DEADLINE_S)
    assert await yard.collect() == 0
    go_on.set()
    await registering
    assert await yard.collect() == 0
    assert await yard.holds(digest)


async def test_registrations_and_collections_at_once_never_leave_a_version_without_its_copy(yard):
    async def persistently(call):
        while True:
            try:
                return await call()
            except Unavailable:  # of two registrations of one digest the second may be told to come again
                await asyncio.sleep(0)

    for turn in range(6):
        digest = await yard.register(b"weights")
        await yard.retire(2 * turn + 1)
        register, collect = (lambda: yard.register(b"weights")), yard.collect
        await asyncio.gather(*(persistently(one) for one in (collect, register, collect, collect)))
        assert await yard.holds(digest), turn
        await yard.retire(2 * turn + 2)
    await yard.collect()
    assert not await yard.holds(digest)
