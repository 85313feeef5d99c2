"""Leases of GPUs with made-up names, on a real database and a real broker."""

import asyncio
from uuid import uuid4

import pytest

from babbitt.chassis.clock import utc_now
from babbitt.chassis.database import transaction
from babbitt.contracts.heartbeats import ServiceHeartbeat, UsedDevice
from babbitt.contracts.topics import SYSTEM_HEARTBEATS
from babbitt.training.adapters.host_devices import HostDevices
from babbitt.training.adapters.kafka_heartbeats import KafkaHeartbeats
from babbitt.training.adapters.postgres_devices import PostgresDevices, free_devices, renew_devices
from babbitt.training.domain.device_pool import DevicePool, DevicesInUse
from babbitt.training.settings import TrainingSettings

pytestmark = pytest.mark.integration

DEADLINE_S = 20


@pytest.fixture
def take(bench):
    """A function that takes devices for an attempt, in a transaction of its own."""

    async def take(*names, job=None, kind="training", lease_s=60.0, pool=None):
        pool = pool or DevicePool(names)
        async with transaction(bench.sessions) as session:
            devices = PostgresDevices(session, "host", pool, lambda: pool.names)
            return await devices.take(kind, job or uuid4(), 1, "worker", lease_s)

    return take


async def test_of_many_workers_at_once_each_has_a_device_of_its_own_and_the_rest_wait(take):
    taken = await asyncio.gather(*(take("GPU-a", "GPU-b", "GPU-c") for _ in range(8)))
    assert sorted(one for devices in taken if devices for one in devices) == ["GPU-a", "GPU-b", "GPU-c"]
    assert taken.count(None) == 5


async def test_a_lease_that_ran_out_is_taken_over_and_one_that_is_renewed_is_not(bench, take):
    renewed = uuid4()
    await take("GPU-a", lease_s=0.0)
    await take("GPU-b", lease_s=0.0, job=renewed)
    async with transaction(bench.sessions) as session:
        await renew_devices(session, renewed, 1, 60.0)
    assert await take("GPU-a") == ("GPU-a",)
    assert await take("GPU-b") is None


async def test_a_freed_device_is_another_job_s(bench, take):
    job = uuid4()
    await take("GPU-a", job=job)
    assert await take("GPU-a") is None
    async with transaction(bench.sessions) as session:
        await free_devices(session, job, 1)
    assert await take("GPU-a") == ("GPU-a",)


async def test_a_job_that_gets_fewer_than_it_needs_keeps_none(take):
    await take("GPU-a")
    assert await take(pool=DevicePool(("GPU-a", "GPU-b"), at_least=2, at_most=2)) is None
    assert await take("GPU-b") == ("GPU-b",)


async def test_an_evaluation_needs_none_and_a_host_without_any_keeps_nobody_waiting(take):
    await take("GPU-a")
    assert await take("GPU-a", kind="evaluation") == ()
    assert await take() == ()


def beat(health="ready"):
    return ServiceHeartbeat(
        service="inference",
        instance="inference-0",
        version="1",
        health=health,
        devices=(UsedDevice(device="GPU-a", host="h"),),
        interval_s=60.0,
        sent_at=utc_now(),
    )


async def until(holds):
    async with asyncio.timeout(DEADLINE_S):
        while not (found := await holds()):
            await asyncio.sleep(0.02)
        return found


async def test_a_device_that_inference_names_is_not_taken_until_its_heartbeats_stop(bench):
    async def take_one():
        async with transaction(bench.sessions) as session:
            return await devices.leasing(session).take("training", uuid4(), 1, "worker", 60.0)

    await bench.say(SYSTEM_HEARTBEATS, beat())
    devices = HostDevices.found(TrainingSettings.read(bench.environment(devices="GPU-a,GPU-b", processes=1)))
    assert await take_one() is None, "before the heartbeats have been heard, none is thought free"
    following = asyncio.create_task(devices.follow())
    try:
        assert await until(take_one) == ("GPU-b",)
        assert await take_one() is None
        await bench.say(SYSTEM_HEARTBEATS, beat("stopping"), sequence=2)
        assert await until(take_one) == ("GPU-a",)
    finally:
        following.cancel()
        await asyncio.wait([following])


async def test_while_nothing_is_heard_as_where_the_broker_is_away_no_device_is_thought_free(bench):
    async def is_known():
        return in_use.known

    async def is_unknown():
        return not in_use.known

    in_use = DevicesInUse("training")
    heartbeats = KafkaHeartbeats(TrainingSettings.read(bench.environment()), in_use, silence_s=0.3)
    following = asyncio.create_task(heartbeats.run())
    try:
        for sequence in (1, 2):
            await bench.say(SYSTEM_HEARTBEATS, beat(), sequence=sequence)
            await until(is_known)
            await until(is_unknown)
    finally:
        following.cancel()
        await asyncio.wait([following])
