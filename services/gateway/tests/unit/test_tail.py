"""The ring: what it holds, what it has let go, and who has to look elsewhere."""

import asyncio
import timeit

import pytest
from aiokafka import ConsumerRecord

from babbitt.contracts.topics import DATASETS_EVENTS, MODELS_ALIASES, TRAINING_EVENTS
from babbitt.gateway.events.frames import StreamedRecord
from babbitt.gateway.events.reader import Reader
from babbitt.gateway.events.selection import select
from babbitt.gateway.events.tail import Overrun, Tail

HERE, THERE = (DATASETS_EVENTS.name, 0), (TRAINING_EVENTS.name, 0)


def record(offset, topic=DATASETS_EVENTS, value=b"{}"):
    raw = ConsumerRecord(topic.name, 0, offset, 0, 0, b"k", value, None, 1, len(value), ())
    return StreamedRecord(topic, raw)


def tail(records=3, size=10_000_000):
    made = Tail(records, size)
    made.begin({HERE: 10, THERE: 5})
    return made


def test_a_reader_at_the_end_starts_with_the_next_record():
    ring = tail()
    assert ring.start_for({HERE: 10, THERE: 5}) == 0
    ring.append([record(10)])
    assert ring.start_for({HERE: 11, THERE: 5}) == 1
    assert ring.start_for({HERE: 999, THERE: 5}) == 1


def test_a_reader_whose_place_is_held_starts_with_all_that_is_held():
    ring = tail()
    ring.append([record(10), record(11), record(5, TRAINING_EVENTS)])
    assert ring.start_for({HERE: 11, THERE: 5}) == 0
    assert [one.offset for one in ring.read(0, 10)] == [10, 11, 5]


def test_a_reader_whose_place_was_let_go_finds_no_start_even_if_only_one_partition_moved_on():
    ring = tail()
    ring.append([record(offset) for offset in range(10, 15)])
    assert ring.start_for({HERE: 11, THERE: 5}) is None
    assert ring.start_for({HERE: 12, THERE: 5}) == 2
    assert ring.start_for({THERE: 5}) == 5


def test_a_reader_from_before_the_beginning_finds_no_start():
    assert tail().start_for({HERE: 9, THERE: 5}) is None


def test_a_slow_reader_is_told_that_it_was_overrun():
    ring = tail()
    ring.append([record(offset) for offset in range(10, 15)])
    with pytest.raises(Overrun):
        ring.read(1, 10)
    assert [one.offset for one in ring.read(2, 2)] == [12, 13]


def test_bytes_are_bounded_too():
    ring = tail(records=1000, size=5000)
    ring.append([record(offset, value=bytes(1000)) for offset in range(10, 30)])
    assert 1 <= ring.next_number - ring.start_for({HERE: 27, THERE: 5}) <= 3


def test_what_a_records_key_and_its_headers_names_cost_counts_too():
    raw = ConsumerRecord(DATASETS_EVENTS.name, 0, 1, 0, 0, bytes(1000), None, None, 1, 1, [("n" * 2000, b"v" * 30)])
    assert StreamedRecord(DATASETS_EVENTS, raw).size_bytes >= 3030


@pytest.mark.parametrize(("stops", "ends_with"), [(True, b""), (False, b"slow_reader")])
async def test_a_reader_is_called_slow_only_where_its_replica_goes_on(stops, ends_with):
    stopping = asyncio.Event()
    reader = Reader(select("datasets.events", None, None), tail(), None, stopping, heartbeat_s=1)
    reader._offsets = dict.fromkeys(reader._selection.places(), 9)
    reader._tail.begin(dict.fromkeys(reader._offsets, 10))
    if stops:
        stopping.set()
    _, *rest = [frame async for frame in reader.frames()]
    assert ends_with in b"".join(rest)
    assert bool(rest) is not stops


async def test_whoever_waits_is_woken_by_the_next_record():
    ring = tail()
    waiting = asyncio.create_task(ring.arrival(0, 30))
    await asyncio.sleep(0)
    ring.append([record(10)])
    await asyncio.wait_for(waiting, 1)
    await asyncio.wait_for(ring.arrival(0, 30), 1)


def test_a_record_is_rendered_with_its_envelope_and_one_that_cannot_be_told_is_none():
    raw = ConsumerRecord(DATASETS_EVENTS.name, 0, 1, 0, 0, b"k", b'{"a": "x\\ny"}', None, 1, 1, (
        ("ce_id", b"1"), ("ce_source", b"/s"), ("ce_type", b"Said"), ("ce_specversion", b"1.0"), ("ce_subject", b"k"),
    ))  # fmt: skip
    type_, subject, lines = StreamedRecord(DATASETS_EVENTS, raw).event()
    assert (type_, subject) == ("Said", "k")
    assert lines.count("\n") == 2
    assert '"data":{"a":"x\\ny"}' in lines
    assert record(1, value=b"no JSON").event() is None
    forged = ConsumerRecord(DATASETS_EVENTS.name, 0, 1, 0, 0, b"k", b"{}", None, 1, 1, (
        ("ce_id", b"1"), ("ce_source", b"/s"), ("ce_type", b"Said\ndata: forged"), ("ce_specversion", b"1.0"),
    ))  # fmt: skip
    assert StreamedRecord(DATASETS_EVENTS, forged).event() is None


async def frames_of(reader, count):
    async with asyncio.timeout(10):
        found = []
        async for frame in reader.frames():
            found.append(frame)
            if len(found) == count:
                break
        return found


def event(offset, subject, topic=DATASETS_EVENTS):
    told = {"ce_id": b"1", "ce_source": b"/s", "ce_type": b"Said", "ce_specversion": b"1.0", "ce_subject": subject}
    raw = ConsumerRecord(topic.name, 0, offset, 0, 0, b"k", b"{}", None, 1, 2, tuple(told.items()))
    return StreamedRecord(topic, raw)


def reader_of(ring, selection, offsets, *, heartbeat_s=60):
    ring.begin(dict.fromkeys(selection.places(), 10))
    reader = Reader(selection, ring, None, asyncio.Event(), heartbeat_s=heartbeat_s)
    reader._offsets = dict.fromkeys(selection.places(), 10) | offsets
    return reader


async def test_a_reader_for_whom_nothing_is_among_much_is_told_how_far_it_came():
    ring, selection = tail(1000), select("datasets.events", None, "mine")
    ring.append([event(offset, b"other") for offset in range(10, 610)])
    ring.append([event(610, b"mine")])
    opening, *told = await frames_of(reader_of(ring, selection, {HERE: 10}, heartbeat_s=1e-9), 5)
    comments = [frame for frame in told if frame.startswith(b": heartbeat")]
    assert len(comments) == 3
    assert b'"subject":"mine"' in told[-1]
    assert len({frame.rpartition(b"id: ")[2] for frame in (opening, *comments)}) == 4


async def test_records_that_are_missing_are_a_gap_but_not_where_a_topic_is_compacted():
    ring, selection = tail(1000), select("datasets.events", None, None)
    ring.append([event(10, b"a"), event(15, b"b")])
    _, first, gap, second = await frames_of(reader_of(ring, selection, {HERE: 10}), 4)
    assert b'"subject":"a"' in first
    assert b"event: gap" in gap
    assert b'"from":11,"to":15' in gap
    assert b'"subject":"b"' in second
    ring, selection = tail(1000), select("models.aliases", None, None)
    ring.append([event(10, b"a", MODELS_ALIASES), event(15, b"b", MODELS_ALIASES)])
    _, first, second = await frames_of(reader_of(ring, selection, {}), 3)
    assert [b'"subject":"a"' in first, b'"subject":"b"' in second] == [True, True]


def test_the_end_of_a_long_ring_is_read_as_fast_as_that_of_a_short_one():
    def seconds(ring):
        first = ring.next_number - 5
        return min(timeit.repeat(lambda: ring.read(first, 200), number=100, repeat=5))

    short, long = tail(100), tail(200_000, 10**12)
    one = record(10)
    short.append([one] * 100)
    long.append([one] * 200_000)
    assert seconds(long) < 20 * seconds(short)
