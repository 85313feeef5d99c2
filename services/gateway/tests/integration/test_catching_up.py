"""One reader that is far behind, on a real broker."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from babbitt.contracts.datasets import DatasetFailed
from babbitt.contracts.topics import DATASETS_EVENTS
from babbitt.gateway.events.catch_up import CatchUps
from babbitt.gateway.events.position import write_position
from babbitt.gateway.events.reader import Reader
from babbitt.gateway.events.selection import select
from babbitt.gateway.events.tail import Tail

pytestmark = pytest.mark.integration

NEVER = 10**6
"""Records that a ring of these tests begins after: it takes nobody over."""


def dataset(letter):
    return letter * 64


@asynccontextmanager
async def behind(world, subject, *, heartbeat_s):
    """The frames of a reader that missed all that a topic ever held; the first is on its way."""
    selection = select("datasets.events", None, subject)
    tail = Tail(10, 10)
    tail.begin(dict.fromkeys(selection.places(), NEVER))
    reader = Reader(selection, tail, CatchUps(world.settings(), 1), asyncio.Event(), heartbeat_s=heartbeat_s)
    await reader.begin(write_position(selection, dict.fromkeys(selection.places(), 0)))
    frames = reader.frames()
    try:
        yield frames
    finally:
        await frames.aclose()
        await reader.close()


async def until_event(frames, subject):
    """The frames up to an event about `subject`, which is the last of them."""
    found = []
    async with asyncio.timeout(60):
        async for frame in frames:
            found.append(frame)
            if f'"subject":"{subject}"'.encode() in frame:
                return found
    raise EOFError


async def test_a_reader_that_finds_nothing_for_long_is_told_how_far_it_came(world):
    mine = dataset("1")
    sent = [world.say(DatasetFailed(dataset_id=dataset("2"), reason=str(number))) for number in range(1500)]
    await asyncio.gather(*sent)
    await world.say(DatasetFailed(dataset_id=mine, reason="at last"))
    async with behind(world, mine, heartbeat_s=0.001) as frames:
        opening, *told, _ = await until_event(frames, mine)
    heartbeats = [frame for frame in told if frame.startswith(b": heartbeat")]
    assert heartbeats
    assert b"id: " in opening
    assert len({frame.rpartition(b"id: ")[2] for frame in (opening, *heartbeats)}) > 1


async def test_retention_that_overtakes_a_reader_on_its_way_is_a_gap(world):
    mine, large = dataset("3"), "x" * 200_000  # so large that the client fetches but one or two ahead
    for number in range(12):
        await world.say(DatasetFailed(dataset_id=mine, reason=f"{number} {large}"))
    async with behind(world, mine, heartbeat_s=60) as frames:
        await until_event(frames, mine)
        await world.delete_records(DATASETS_EVENTS)
        await world.say(DatasetFailed(dataset_id=mine, reason="after"))
        told = []
        while b'"reason":"after"' not in (told or [b""])[-1]:
            told += await until_event(frames, mine)
    gaps = [frame for frame in told if b"event: gap" in frame]
    assert len(told) < 12
    assert gaps
    lost = [one for gap in gaps for one in json.loads(gap.partition(b"data: ")[2])["data"]["lost"]]
    assert all(one["from"] < one["to"] for one in lost)
