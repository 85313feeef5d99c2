import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from babbitt.chassis.errors import Unavailable
from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.training_requests import TrainRequested
from babbitt.training.application.run_job import OVER_BUDGET_S, RunJob
from babbitt.training.domain.lease import Lease
from babbitt.training.errors import DatasetGone, LeaseLost, VersionGone
from babbitt.training.fitting.progress import (
    CheckpointWritten,
    Completed,
    Epoch,
    Failed,
    OutputFile,
    Progressed,
    Started,
)

REFERENCE = ObjectReference(key="training/x/y", sha256="c" * 64, size_bytes=1)
FILE = OutputFile(file="model.onnx", sha256="c" * 64, size_bytes=1)
STARTED = Started.model_construct(epochs=2)
EPOCH = Epoch.model_construct(epoch=1)
CHECKPOINT = CheckpointWritten(epoch=1, checkpoint=FILE)
COMPLETED = Completed.model_construct(
    **dict.fromkeys(("artifact", "report", "predictions"), FILE), weights=None, train_records=None, champion=None
)
FOR_EVER = object()


class FakeBook:
    """Keeps the names of its entries; from `lost_after` entries on the lease is lost; `waits_at` one it waits."""

    def __init__(self):
        self.entries = []
        self.lost_after = 1000
        self.waits_at, self.waiting = None, asyncio.Event()

    def __getattr__(self, name):
        async def entry(lease, *details):
            if len(self.entries) >= self.lost_after:
                raise LeaseLost(lease.job_id, lease.attempt)
            if name == self.waits_at:
                self.waiting.set()
                await asyncio.Event().wait()
            self.entries.append((name, *details))
            return [REFERENCE] if name == "checkpoint" else None

        return entry

    def names(self):
        return [entry[0] for entry in self.entries if entry[0] != "renewed"]


class FakeWorkspace:
    folder = Path("nowhere")

    def __init__(self):
        self.fails = []
        self.discarded = []

    async def prepare(self):
        if self.fails:
            raise self.fails.pop()

    async def keep_checkpoint(self, written):
        return REFERENCE

    async def discard_checkpoint(self, reference):
        self.discarded.append(reference)

    async def keep_artifact(self, name):
        return REFERENCE


class World:
    """A child that says what it is told to, and what became of it."""

    def __init__(self):
        self.book, self.workspace = FakeBook(), FakeWorkspace()
        self.says = []
        self.kept = 0
        self.running = asyncio.Event()
        self.killed = asyncio.Event()

    @asynccontextmanager
    async def opened(self, lease):
        yield self.workspace

    @asynccontextmanager
    async def started(self, folder, kind, budget_s, *, trial=False, devices=()):
        self.devices = devices
        self.running.set()
        try:
            yield self
        finally:
            self.killed.set()

    async def progress(self):
        for said in self.says:
            if said is FOR_EVER:
                await asyncio.Event().wait()
            yield said

    async def checkpoint_kept(self):
        self.kept += 1

    async def last_words(self):
        return "ended by signal 9"


@pytest.fixture
def world():
    return World()


@pytest.fixture
def run_job(world):
    return RunJob(world.book, world, world, renew_every_s=0.01)


@pytest.fixture
def lease(cause):
    def make(budget_left_s: float = 60.0) -> Lease:
        request = TrainRequested(model="pump", dataset="d" * 64, budget_minutes=2)
        return Lease(UUID(int=1), 1, request, cause, REFERENCE, (), budget_left_s)

    return make


async def test_all_that_the_child_says_is_written_down_in_order(run_job, world, lease):
    world.says = [STARTED, Progressed(), EPOCH, CHECKPOINT, COMPLETED]
    await run_job(lease())
    assert world.book.names() == ["started", "progressed", "epoch", "checkpoint", "completed"]
    assert world.workspace.discarded == [REFERENCE]
    assert world.kept == 1
    assert world.killed.is_set()


async def test_a_child_that_says_why_it_failed_fails_the_job(run_job, world, lease):
    world.says = [Failed(kind="dataset_unusable", reason="no test split")]
    await run_job(lease())
    assert world.book.entries == [("failed", "dataset_unusable", "no test split")]


async def test_a_child_that_ends_without_a_word_is_a_death(run_job, world, lease):
    world.says = [STARTED]
    await run_job(lease())
    assert world.book.entries[-1] == ("died", "ended by signal 9")


async def test_a_job_that_does_not_end_within_its_budget_fails_and_its_child_is_killed(run_job, world, lease):
    world.says = [STARTED, FOR_EVER]
    await run_job(lease(budget_left_s=0.05 - OVER_BUDGET_S))
    assert world.killed.is_set()
    name, kind, reason = world.book.entries[-1]
    assert (name, kind) == ("failed", "time_limit")
    assert "budget_minutes" in reason


async def test_a_lease_that_is_lost_kills_the_child_and_nothing_more_is_written(run_job, world, lease):
    world.says = [STARTED, FOR_EVER]
    world.book.lost_after = 3
    await run_job(lease())
    assert world.killed.is_set()
    assert world.book.names() == ["started"]


async def test_a_lease_that_is_lost_at_an_entry_of_the_childs_ends_the_attempt(run_job, world, lease):
    world.says = [STARTED, EPOCH, FOR_EVER]
    world.book.lost_after = 1
    run_job = RunJob(world.book, world, world, renew_every_s=60.0)
    await run_job(lease())
    assert world.killed.is_set()
    assert world.book.names() == ["started"]


async def test_a_worker_that_is_stopped_kills_the_child_and_gives_the_job_back(run_job, world, lease):
    world.says = [STARTED, FOR_EVER]
    running = asyncio.create_task(run_job(lease()))
    await world.running.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert world.killed.is_set()
    assert world.book.names()[-1] == "given_back"


async def test_a_worker_that_is_stopped_while_a_time_limit_is_written_down_gives_the_job_back(run_job, world, lease):
    world.says = [FOR_EVER]
    world.book.waits_at = "failed"
    running = asyncio.create_task(run_job(lease(budget_left_s=0.05 - OVER_BUDGET_S)))
    await world.book.waiting.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert world.book.names() == ["given_back"]


async def test_a_worker_that_is_stopped_ends_even_if_its_lease_is_lost(run_job, world, lease):
    world.says = [FOR_EVER]
    running = asyncio.create_task(run_job(lease()))
    await world.running.wait()
    world.book.lost_after = 0
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_store_that_is_away_is_waited_for(run_job, world, lease):
    world.workspace.fails = [Unavailable("object store", "away")]
    world.says = [COMPLETED]
    await run_job(lease())
    assert world.book.names() == ["completed"]


async def test_a_dataset_that_is_gone_fails_the_job(run_job, world, lease):
    world.workspace.fails = [DatasetGone("no object")]
    await run_job(lease())
    assert world.book.entries == [("failed", "dataset_missing", "no object")]
    assert not world.running.is_set()


async def test_a_version_that_is_gone_fails_the_job(run_job, world, lease):
    world.workspace.fails = [VersionGone("no object")]
    await run_job(lease())
    assert world.book.entries == [("failed", "version_missing", "no object")]


async def test_a_bug_is_not_hidden(run_job, world, lease):
    world.workspace.fails = [KeyError("bug")]
    with pytest.raises(ExceptionGroup):
        await run_job(lease())


async def test_an_attempt_whose_device_inference_wants_is_given_back_and_the_device_freed(world, lease):
    world.says = [FOR_EVER]
    named = set()
    on_a_device = replace(lease(), devices=("GPU-a",))
    run_job = RunJob(world.book, world, world, renew_every_s=0.001, wanted=lambda lease: named & set(lease.devices))
    running = asyncio.create_task(run_job(on_a_device))
    async with asyncio.timeout(5):
        await world.running.wait()
        named.add("GPU-a")
        await running
    assert world.devices == ("GPU-a",)
    assert world.killed.is_set()
    assert world.book.names() == ["freed", "given_back"]
