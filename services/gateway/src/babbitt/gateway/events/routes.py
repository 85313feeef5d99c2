"""`/v1/events`: everything that happens, as server-sent events; `/v1/training-jobs/{id}/events`: all of one job."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response

from babbitt.contracts.topics import TRAINING_EVENTS
from babbitt.gateway.events.catch_up import CatchUps
from babbitt.gateway.events.reader import Reader
from babbitt.gateway.events.responses import EventStream
from babbitt.gateway.events.schemas import StreamedEvent
from babbitt.gateway.events.selection import STREAMED, UNASKED, Selection, select, short_name
from babbitt.gateway.events.tail import Tail
from babbitt.gateway.keys.scopes import READ
from babbitt.gateway.problems import documented
from babbitt.gateway.settings import GatewaySettings

_TOPICS = ", ".join(short_name(topic) for topic in STREAMED)
_UNASKED = " and ".join(short_name(topic) for topic in UNASKED)
_ANSWER = {
    200: {
        "description": "Frames: `event` is the event's type, `data` this schema, `id` where to resume",
        "content": {"text/event-stream": {"schema": StreamedEvent.model_json_schema()}},
    },
    **documented(429),
}

type Names = Annotated[str | None, Query(max_length=1000)]
type LastEventId = Annotated[str | None, Header(max_length=4000)]


def event_routes(settings: GatewaySettings, tail: Tail, catch_ups: CatchUps, stopping: asyncio.Event) -> APIRouter:
    """The routes of the stream."""
    router = APIRouter(tags=["events"], dependencies=[READ])

    async def stream(selection: Selection, last_event_id: str | None) -> EventStream:
        reader = Reader(selection, tail, catch_ups, stopping, heartbeat_s=settings.stream_heartbeat_s)
        try:
            await reader.begin(last_event_id)
        except BaseException:
            await reader.close()
            raise
        return EventStream(reader, send_timeout_s=settings.stream_send_timeout_s)

    @router.get(
        "/v1/events",
        response_class=Response,
        responses=_ANSWER,
        description=f"""The stream of events. Topics: {_TOPICS}; none named means all but {_UNASKED}.

`subject` chooses the events about one dataset, job, model, prediction or machine, `type` those of some types.
A reader that comes again with `Last-Event-ID`, to whichever replica, misses no record; with other filters, or garbage,
it is answered 400. `gap`: records before this place are lost to retention. `dropped`: this stream ends, and why.
A record that was said twice has the same `id` in its data.""",
    )
    async def stream_events(
        topics: Names = None,
        type_: Annotated[str | None, Query(alias="type", max_length=1000)] = None,
        subject: Annotated[str | None, Query(max_length=200)] = None,
        last_event_id: LastEventId = None,
    ) -> EventStream:
        return await stream(select(topics, type_, subject), last_event_id)

    @router.get(
        "/v1/training-jobs/{job_id}/events",
        response_class=Response,
        responses=_ANSWER,
        description="""The stream of one job: what /v1/events tells with topics=training.events and its id as subject.

It may be opened before the job is asked for, under an id that the asker chooses, so that nothing of it is missed.""",
    )
    async def stream_job(job_id: UUID, last_event_id: LastEventId = None) -> EventStream:
        return await stream(Selection((TRAINING_EVENTS,), subject=str(job_id)), last_event_id)

    return router
