"""What holds when processes are killed or stopped: real processes, a real broker, a real database."""

import asyncio
from contextlib import asynccontextmanager
from uuid import UUID

import psutil
import pytest

from babbitt.contracts.names import derived_id
from babbitt.contracts.training import CheckpointSaved, EpochCompleted, TrainCompleted, TrainStarted

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

EPOCHS = 15
LONG = {"epochs": EPOCHS, "patience": EPOCHS}


def epochs_by_id(heard, job_id: UUID) -> list[int]:
    """Epochs as a reader that drops by event id sees them."""
    seen = {delivery.envelope.id: delivery.message.epoch for delivery in heard.of(EpochCompleted, job_id)}
    return list(seen.values())


@asynccontextmanager
async def two_replicas(bench):
    """Two replicas that hear; a function that tells the one that holds the job from the other."""
    async with bench.process("training-0") as first, bench.process("training-1") as second:
        for replica in (first, second):
            await bench.until_logged(replica, "assigned")

        async def holder_and_other(job_id):
            holder = await bench.column("SELECT holder FROM jobs WHERE id = :id", id=job_id)
            return (first, second) if holder.startswith("training-0") else (second, first)

        yield holder_and_other


async def test_a_job_whose_service_is_killed_is_resumed_by_another_to_the_same_model(bench, dataset, ready, children):
    job_id, twin_id = derived_id("/test", "killed"), derived_id("/test", "twin")
    async with bench.events() as heard, two_replicas(bench) as holder_and_other:
        await bench.make_ready(ready)
        await bench.ask(dataset[1], event_id="killed", overrides=LONG)
        await bench.ask(dataset[1], event_id="twin", overrides=LONG)
        await heard.until(EpochCompleted, job_id=job_id, epoch=5)
        holder, _ = await holder_and_other(job_id)
        (child,) = await children(holder.pid)
        await asyncio.to_thread(holder.kill)
        _, alive = await asyncio.to_thread(psutil.wait_procs, [child], 30)
        assert not alive
        again = await heard.until(TrainStarted, job_id=job_id, attempt=2)
        completed = await heard.until(TrainCompleted, job_id=job_id)
        twin = await heard.until(TrainCompleted, job_id=twin_id)
    assert 0 < again.resumes_from_epoch <= EPOCHS
    assert epochs_by_id(heard, job_id) == list(range(1, EPOCHS + 1))
    assert len({delivery.envelope.id for delivery in heard.of(TrainCompleted, job_id)}) == 1
    assert completed.weights.sha256 == twin.weights.sha256


async def test_a_service_that_was_stopped_past_its_lease_and_goes_on_says_nothing(bench, dataset, ready):
    job_id = derived_id("/test", "stopped")
    async with bench.events() as heard, two_replicas(bench) as holder_and_other:
        await bench.make_ready(ready)
        await bench.ask(dataset[1], event_id="stopped", overrides=LONG)
        await heard.until(EpochCompleted, job_id=job_id, epoch=5)
        holder, other = await holder_and_other(job_id)
        holder.pause()
        await heard.until(TrainStarted, job_id=job_id, attempt=2)
        assert (await holder_and_other(job_id))[0] is other
        holder.resume()
        await bench.until_logged(holder, "stopped without a word")
        await heard.until(TrainCompleted, job_id=job_id)
        ids = {delivery.envelope.id for delivery in heard.of(TrainStarted, job_id)}
    assert len(ids) == 2
    assert epochs_by_id(heard, job_id) == list(range(1, EPOCHS + 1))
    assert len({delivery.envelope.id for delivery in heard.of(TrainCompleted, job_id)}) == 1


async def test_a_service_that_is_stopped_in_order_gives_its_job_back_and_nothing_is_lost(
    bench, dataset, ready, children
):
    job_id = derived_id("/test", "stopped in order")
    async with bench.events() as heard:
        async with bench.running("training-0", lease_s=600):
            await bench.make_ready(ready)
            await bench.ask(dataset[1], event_id="stopped in order", overrides={"epochs": 10_000, "patience": 10_000})
            await heard.until(CheckpointSaved, job_id=job_id, epoch=5)
        await children(there=False)
        assert await bench.column("SELECT state FROM jobs") == "queued"
        assert await bench.column("SELECT deaths FROM jobs") == 0
        async with bench.running("training-0", lease_s=600):
            again = await heard.until(TrainStarted, job_id=job_id, attempt=2)
            await heard.until(EpochCompleted, job_id=job_id, epoch=again.resumes_from_epoch + 1)
    assert again.resumes_from_epoch >= 5


async def test_a_database_that_is_restarted_in_mid_job_costs_nothing(bench, dataset, ready, postgres):
    job_id = derived_id("/test", "restarted")
    async with bench.running("training-0", lease_s=60), bench.events() as heard:
        await bench.make_ready(ready)
        await bench.ask(dataset[1], event_id="restarted", overrides=LONG)
        await heard.until(EpochCompleted, job_id=job_id, epoch=5)
        await asyncio.to_thread(postgres.restart)
        await heard.until(TrainCompleted, job_id=job_id)
    assert epochs_by_id(heard, job_id) == list(range(1, EPOCHS + 1))
    assert len(heard.of(TrainStarted, job_id)) == 1
