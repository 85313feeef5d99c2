"""The thread that makes shards: it cannot be ended, so what comes after one that was given up is told to wait."""

import asyncio
from threading import Event
from time import sleep
from types import SimpleNamespace

import pytest

from babbitt.chassis.errors import Unavailable
from babbitt.signals.adapters.shard_making import in_time
from babbitt.signals.adapters.worker import Worker
from babbitt.signals.errors import MakingFailed


async def test_nothing_begins_behind_work_that_was_given_up_until_that_has_ended():
    begun, may_end = Event(), Event()

    def stuck():
        begun.set()
        return may_end.wait(10)

    with Worker() as worker:
        first = asyncio.create_task(worker(stuck))
        await asyncio.to_thread(begun.wait, 10)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        with pytest.raises(Unavailable, match="still busy"):
            await worker(int, "1")
        may_end.set()
        async with asyncio.timeout(10):
            while True:
                try:
                    assert await worker(int, "7") == 7
                    break
                except Unavailable:
                    await asyncio.sleep(0.01)


async def test_work_that_is_given_up_before_it_began_is_never_done():
    begun, may_end, done = Event(), Event(), []
    with Worker() as worker:
        first = asyncio.create_task(worker(lambda: (begun.set(), may_end.wait(10))))
        await asyncio.to_thread(begun.wait, 10)
        second = asyncio.create_task(worker(done.append, 1))
        await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        may_end.set()
        await first
        assert await worker(len, done) == 0


def test_a_shard_that_takes_too_long_ends_by_itself_between_two_records():
    def slow():
        yield SimpleNamespace(record="sain-00000")
        sleep(0.02)
        yield SimpleNamespace(record="sain-00001")

    made = in_time(slow(), within_s=0.01)
    assert next(made).record == "sain-00000"
    with pytest.raises(MakingFailed, match=r"took over 0.01 s to write; it came as far as sain-00001"):
        next(made)
