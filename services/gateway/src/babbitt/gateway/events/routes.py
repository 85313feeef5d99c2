"""`/v1/events`: everything that happens, as server-sent events."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from babbitt.gateway.events.catch_up import CatchUps
from babbitt.gateway.events.reader import Reader
from babbitt.gateway.events.responses import EventStream
from babbitt.gateway.events.schemas import StreamedEvent
from babbitt.gateway.events.selection import STREAMED, UNASKED, select, short_name
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


def event_routes(settings: GatewaySettings, tail: Tail, catch_ups: CatchUps, stopping: asyncio.Event) -> APIRouter:
    """The route of the stream."""
    router = APIRouter(prefix="/v1/events", tags=["events"], dependencies=[READ])

    @router.get(
        "",
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
        last_event_id: Annotated[str | None, Header(max_length=4000)] = None,
    ) -> EventStream:
        reader = Reader(
            select(topics, type_, subject), tail, catch_ups, stopping, heartbeat_s=settings.stream_heartbeat_s
        )
        try:
            await reader.begin(last_event_id)
        except BaseException:
            await reader.close()
            raise
        return EventStream(reader, send_timeout_s=settings.stream_send_timeout_s)

    return router
