"""The event stream over real HTTP, from one replica and from another."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from babbitt.contracts.datasets import DatasetFailed, DatasetProgressed
from babbitt.contracts.topics import DATASETS_EVENTS
from babbitt.contracts.training import TrainFailed
from babbitt.gateway.events.position import read_position, write_position
from babbitt.gateway.events.selection import select

pytestmark = pytest.mark.integration

DATASET = "d" * 64
OTHER = "e" * 64


@dataclass
class Frames:
    """What a stream said so far."""

    lines: object
    position: str = ""
    events: list = field(default_factory=list)
    comments: int = 0

    async def next(self, deadline_s=60.0):
        """The next frame that is an event: its name and its data."""
        name, data = "", None
        async with asyncio.timeout(deadline_s):
            async for line in self.lines:
                if line.startswith(":"):
                    self.comments += 1
                elif line.startswith("id: "):
                    self.position = line[4:]
                elif line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    data = json.loads(line[6:])
                elif not line and data is not None:
                    self.events.append((name, data))
                    return name, data
        raise EOFError

    async def until_open(self):
        """The first line: the place where the stream begins is taken."""
        async for line in self.lines:
            if line.startswith("id: "):
                self.position = line[4:]
                return

    async def ended(self):
        async with asyncio.timeout(60):
            async for _ in self.lines:
                pass


@asynccontextmanager
async def stream(api, last=None, **query):
    headers = {"Last-Event-ID": last} if last else {}
    async with api.stream("GET", "/v1/events", params=query, headers=headers) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        frames = Frames(response.aiter_lines())
        await frames.until_open()
        yield frames


@pytest.fixture(scope="module")
async def other(world, gateway):
    """Another replica, which keeps next to nothing in memory."""
    async with world.replica("gateway-1", BABBITT_GATEWAY_STREAM_RING_RECORDS="5") as replica:
        yield replica.client


def progress(done, dataset=DATASET):
    return DatasetProgressed(dataset_id=dataset, shards_done=done, shards=100)


async def test_an_event_comes_as_a_frame_with_its_envelope_its_data_and_where_to_resume(world, api):
    async with stream(api, topics="datasets.events") as frames:
        envelope = await world.say(progress(1), sequence=7)
        name, said = await frames.next()
    assert name == said["type"] == "DatasetProgressed"
    assert said["id"] == envelope.id
    assert said["topic"] == "datasets.events.v1"
    assert (said["subject"], said["sequence"]) == (DATASET, f"{7:020d}")
    assert said["data"] == {"dataset_id": DATASET, "shards_done": 1, "shards": 100}
    assert sum(read_position(select("datasets.events", None, None), frames.position).values()) >= 1


async def test_only_what_was_chosen_is_told(world, api):
    async with stream(api, topics="datasets.events,training.events", type="DatasetFailed", subject=DATASET) as frames:
        await world.say(progress(1))
        await world.say(DatasetFailed(dataset_id=OTHER, reason="x"))
        await world.say(DatasetFailed(dataset_id=DATASET, reason="disk"))
        _, said = await frames.next()
    assert said["data"]["reason"] == "disk"


async def test_a_reader_that_comes_back_misses_nothing_on_this_replica_and_on_another(world, api, other):
    async with stream(api, topics="datasets.events") as frames:
        await world.say(progress(10), sequence=10)
        assert (await frames.next())[1]["data"]["shards_done"] == 10
    for done in range(11, 31):
        await world.say(progress(done), sequence=done)
    async with stream(api, last=frames.position, topics="datasets.events") as here:
        assert [(await here.next())[1]["data"]["shards_done"] for _ in range(20)] == list(range(11, 31))
    async with stream(other, last=frames.position, topics="datasets.events") as there:
        assert [(await there.next())[1]["data"]["shards_done"] for _ in range(20)] == list(range(11, 31))
        await world.say(progress(31), sequence=31)
        assert (await there.next())[1]["data"]["shards_done"] == 31


async def test_what_the_ring_no_longer_holds_is_read_from_the_broker_and_nothing_is_missed_or_doubled(world, other):
    async with stream(other, topics="datasets.events") as frames:
        pass
    for done in range(40, 80):
        await world.say(progress(done), sequence=done)
    async with stream(other, last=frames.position, topics="datasets.events") as again:
        assert [(await again.next())[1]["data"]["shards_done"] for _ in range(40)] == list(range(40, 80))
        await world.say(progress(80), sequence=80)
        assert (await again.next())[1]["data"]["shards_done"] == 80


async def test_a_changed_filter_garbage_and_a_place_that_never_was_are_refused(api):
    selection = select("datasets.events", None, None)
    position = write_position(selection, dict.fromkeys(selection.places(), 0))
    beyond = write_position(selection, dict.fromkeys(selection.places(), 10**12))
    for last, query in (
        (position, {"topics": "training.events"}),
        (position, {"topics": "datasets.events", "type": "DatasetReady"}),
        (position[:-1] + ("A" if position[-1] != "A" else "B"), {"topics": "datasets.events"}),
        ("garbage", {"topics": "datasets.events"}),
        ("é" * 10, {"topics": "datasets.events"}),
        (beyond, {"topics": "datasets.events"}),
    ):
        answer = await api.get("/v1/events", params=query, headers={"Last-Event-ID": last.encode()})
        assert answer.status_code == 400, (last, answer.text)
        assert answer.json()["type"] == "urn:babbitt:problem:invalid-cursor"
    unknown = await api.get("/v1/events", params={"topics": "secrets"})
    assert unknown.status_code == 422
    assert "datasets.events" in unknown.json()["errors"][0]["accepted"]


async def test_what_was_lost_to_retention_is_a_gap(world, other):
    selection = select("training.events", None, None)
    position = write_position(selection, dict.fromkeys(selection.places(), 0))
    failed = TrainFailed(job_id="01a1fdf3-0000-7000-8000-000000000002", model="pump", kind="x", reason="y")
    async with stream(other, topics="training.events,datasets.events") as frames:
        await world.say(failed)
        await frames.next()
        for done in range(5):  # so many that the ring holds only these
            await world.say(progress(done))
            await frames.next()
    await world.delete_records(selection.topics[0])
    async with stream(other, last=position, topics="training.events") as frames:
        name, said = await frames.next()
        assert name == said["type"] == "gap"
        assert {lost["from"] for lost in said["data"]["lost"]} == {0}
        await world.say(failed)
        assert (await frames.next())[0] == "TrainFailed"


async def test_silence_is_filled_with_comments_that_move_the_reader_on(world, api):
    async with stream(api, topics="datasets.events", subject=OTHER) as frames:
        begun = frames.position
        await world.say(progress(1))
        await world.say(DatasetFailed(dataset_id=OTHER, reason="last"))
        await frames.next()
        async with asyncio.timeout(10):
            async for line in frames.lines:
                if line.startswith(":"):
                    break
    assert frames.position != begun


async def test_poison_on_a_streamed_topic_is_passed_over(world, api):
    async with stream(api, topics="datasets.events") as frames:
        for value, headers in ((b"\xff", []), (b"{", [("ce_id", b"1")]), (None, []), (b"[]", [("x", b"\xff")])):
            await world.send(DATASETS_EVENTS, value, headers=headers)
        await world.say(progress(99), sequence=99)
        assert (await frames.next())[1]["data"]["shards_done"] == 99


async def test_a_reader_that_reads_too_slowly_is_dropped_with_a_reason_and_resumes_where_it_was(world, other):
    reader, writer = await asyncio.open_connection(other.base_url.host, other.base_url.port, limit=4096)
    key = other.headers["authorization"]
    writer.write(f"GET /v1/events?topics=datasets.events HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\n\r\n".encode())
    while not (await reader.readline()).startswith(b"id: "):
        pass
    large, count = "x" * 900_000, 30
    async with stream(other, topics="datasets.events") as quick:
        for number in range(count):
            await world.say(DatasetFailed(dataset_id=DATASET, reason=f"{number} {large}"))
            await quick.next()
    lines = [line async for line in whole_lines(reader)]
    writer.close()
    dropped = lines.index(b"event: dropped")
    assert b'"reason":"slow_reader"' in lines[dropped + 1]
    position = lines[dropped - 1].removeprefix(b"id: ").decode()
    read = sum(line.startswith(b"event: DatasetFailed") for line in lines)
    assert 0 < read < count
    async with stream(other, last=position, topics="datasets.events") as again:
        assert (await again.next())[1]["data"]["reason"].startswith(f"{read} ")


async def whole_lines(reader):
    """The stream's lines until it ends, without the chunks' sizes."""
    raw = await reader.read()
    while piece := await reader.read(2**20):
        raw += piece
    for line in raw.splitlines():
        yield line


async def test_a_replica_that_catches_nobody_up_says_come_again_and_its_streams_end_with_it(world):
    small = {"BABBITT_GATEWAY_STREAM_RING_RECORDS": "1", "BABBITT_GATEWAY_STREAM_CATCH_UPS": "0"}
    async with (
        world.replica("gateway-2", **small) as replica,
        stream(replica.client, topics="datasets.events") as present,
    ):
        begun = present.position
        for done in range(3):
            await world.say(progress(done))
            await present.next()
        answer = await replica.client.get("/v1/events?topics=datasets.events", headers={"Last-Event-ID": begun})
        assert answer.status_code == 429
        assert answer.headers["retry-after"]
        assert answer.json()["type"] == "urn:babbitt:problem:too-many-catch-ups"
        replica.stop.set()
        await present.ended()
