import json

import pytest
from starlette.responses import Response

from babbitt import client as sdk
from babbitt.contracts.training import TrainFailed

from .conftest import QUICK, away, problem, streaming

EVENTS = "GET /v1/events"
JOB = "01a0c0de-0000-7000-8000-000000000001"


def frame(number: int, *, event_id: str | None = None, type_: str = "TrainFailed", data: dict | None = None) -> bytes:
    said = {
        "id": event_id or f"event-{number}",
        "source": "/babbitt/training",
        "type": type_,
        "time": "2026-01-02T03:04:05Z",
        "subject": JOB,
        "topic": "training.events.v1",
        "data": data or {"job_id": JOB, "model": "pump", "kind": "time_limit", "reason": f"reason {number}"},
    }
    return f"id: place-{number}\nevent: {type_}\ndata: {json.dumps(said)}\n\n".encode()


OPENING = b"retry: 1\nid: place-0\n\n"


def resumed(counterpart) -> list[str | None]:
    return [request.headers.get("last-event-id") for request in counterpart.of(EVENTS)]


async def test_an_event_has_its_envelope_and_what_it_says_as_its_contract(counterpart, client):
    counterpart.answers(EVENTS, streaming(OPENING, frame(1)))
    (event,) = await client.events(1, topics=["training.events", "datasets.events"], types=["TrainFailed"], subject=JOB)
    assert (event.id, event.subject, event.topic, event.position) == ("event-1", JOB, "training.events.v1", "place-1")
    assert isinstance(event.message, TrainFailed)
    assert event.message.reason == "reason 1"
    (sent,) = counterpart.requests
    assert sent.query == {"topics": "training.events,datasets.events", "type": "TrainFailed", "subject": JOB}
    assert sent.headers["accept"] == "text/event-stream"
    assert "last-event-id" not in sent.headers


@pytest.mark.parametrize("then", ["breaks", "ends"])
async def test_a_stream_that_ended_is_taken_up_after_the_last_event(counterpart, client, then):
    half = frame(2)[:40]
    counterpart.answers(
        EVENTS,
        streaming(OPENING, frame(1), half, then=then),
        streaming(OPENING.replace(b"place-0", b"place-1"), frame(2), frame(3)),
    )
    events = await client.events(3)
    assert [event.id for event in events] == ["event-1", "event-2", "event-3"]
    assert resumed(counterpart) == [None, "place-1"]


async def test_a_stream_that_broke_before_its_first_event_is_taken_up_where_it_began(counterpart, client):
    counterpart.answers(EVENTS, streaming(OPENING, then="breaks"), streaming(frame(1)))
    assert len(await client.events(1)) == 1
    assert resumed(counterpart) == [None, "place-0"]


async def test_a_heartbeat_moves_the_position_on(counterpart, client):
    beat = b": heartbeat\nid: place-9\n\n"
    counterpart.answers(EVENTS, streaming(OPENING, frame(1), beat, then="ends"), streaming(frame(10)))
    assert len(await client.events(2)) == 2
    assert resumed(counterpart) == [None, "place-9"]


async def test_a_reader_begins_after_a_position_that_it_names(counterpart, client):
    counterpart.answers(EVENTS, streaming(frame(8)))
    await client.events(1, after="place-7")
    assert resumed(counterpart) == ["place-7"]


async def test_an_event_that_was_said_twice_comes_once_unless_it_is_asked_for(counterpart, client):
    pieces = (frame(1), frame(2, event_id="event-1"), frame(3))
    counterpart.answers(EVENTS, streaming(*pieces))
    assert [event.position for event in await client.events(2)] == ["place-1", "place-3"]
    assert [event.position for event in await client.events(3, repeats=True)] == ["place-1", "place-2", "place-3"]


async def test_what_is_lost_to_retention_is_told_and_what_the_stream_itself_says_is_not(counterpart, client):
    gap = b'id: place-4\nevent: gap\ndata: {"type": "gap", "data": {"lost": [{"from": 1, "to": 4}]}}\n\n'
    dropped = b'id: place-5\nevent: dropped\ndata: {"type": "dropped", "data": {"reason": "slow_reader"}}\n\n'
    counterpart.answers(EVENTS, streaming(gap, frame(5), dropped, then="ends"), streaming(frame(6)))
    events = await client.events(3)
    assert [event.type for event in events] == ["gap", "TrainFailed", "TrainFailed"]
    assert events[0].message is None
    assert events[0].data["lost"][0]["to"] == 4


async def test_an_event_of_a_later_version_comes_without_a_contract(counterpart, client):
    counterpart.answers(EVENTS, streaming(frame(1, type_="BearingReplaced", data={"machine": "line-3"})))
    (event,) = await client.events(1)
    assert event.message is None
    assert event.data == {"machine": "line-3"}


async def test_a_gateway_that_is_away_for_a_while_is_waited_for(counterpart, client):
    counterpart.answers(EVENTS, streaming(frame(1), then="breaks"), away(), away(), streaming(frame(2)))
    assert len(await client.events(2)) == 2
    assert resumed(counterpart) == [None, "place-1", "place-1", "place-1"]


async def test_a_position_that_the_gateway_does_not_know_is_an_error(counterpart, client):
    counterpart.answers(EVENTS, streaming(frame(1), then="breaks"), problem(400, "invalid-cursor", "none of ours"))
    with pytest.raises(sdk.InvalidRequest, match="none of ours"):
        await client.events(2)


async def test_a_key_that_may_not_read_is_told_at_once(counterpart, client):
    counterpart.answers(EVENTS, problem(403, "missing-scope", "this needs the scope read"))
    with pytest.raises(sdk.Forbidden, match="scope read"):
        await client.events(1)


async def test_an_answer_that_is_no_stream_is_told(counterpart, client):
    counterpart.answers(EVENTS, Response("<html>", media_type="text/html"))
    with pytest.raises(sdk.ServiceFault, match="text/html"):
        await client.events(1)


async def test_a_stream_that_goes_on_may_break_as_often_as_it_does(counterpart, client):
    breaks = [streaming(frame(number), then="breaks") for number in range(2 * QUICK.attempts)]
    counterpart.answers(EVENTS, *breaks)
    assert len(await client.events(2 * QUICK.attempts)) == 2 * QUICK.attempts


def test_a_loop_that_was_left_may_be_followed_by_another(counterpart):
    counterpart.answers(EVENTS, streaming(frame(1), frame(2)))
    with sdk.Babbitt(counterpart.url) as babbitt, babbitt.events() as events:
        for event in events:
            assert event.id == "event-1"
            break
        assert next(iter(events)).id == "event-2"


async def test_an_awaited_loop_that_was_left_may_be_followed_by_another(counterpart):
    counterpart.answers(EVENTS, streaming(frame(1), frame(2)))
    async with sdk.AsyncBabbitt(counterpart.url) as babbitt, babbitt.events() as events:
        async for event in events:
            assert event.id == "event-1"
            break
        assert (await anext(aiter(events))).id == "event-2"


async def test_a_stream_that_keeps_ending_without_a_word_is_given_up(counterpart, client):
    counterpart.answers(EVENTS, streaming(then="ends"))
    with pytest.raises(sdk.Unavailable, match="keeps breaking off"):
        await client.events(1)
    assert len(counterpart.requests) == QUICK.attempts
