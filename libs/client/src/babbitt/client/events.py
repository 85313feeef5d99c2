"""Events as the gateway streams them, and where a reader of the stream stands."""

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import httpx
from pydantic import ValidationError

from babbitt.client.calls import Answer, Call, path_of
from babbitt.client.errors import unexpected
from babbitt.client.sse import Frame, FrameReader
from babbitt.contracts.catalogue import all_messages
from babbitt.contracts.envelope import Message

DROPPED = "dropped"
"""Said by the stream when it ends because its reader is too slow; the next connection goes on where it ended."""
MEDIA_TYPE = "text/event-stream"
REMEMBERED_IDS = 10_000
"""A repeat comes from a relay that died between sending and noting it: seconds after the first, not hours."""
SILENCE_S = 60.0
"""The gateway says a heartbeat comment more often than this; a longer silence is a dead connection."""


class StreamedEvent(Answer):
    """One event of the stream.

    Attributes:
        position: where to resume after it; the same for every replica of the gateway.
        type: the contract's name, `EpochCompleted`; or `gap`: records before this place are lost to retention.
        id: of the CloudEvents envelope: a relay's repeat has the same one.
        subject: the dataset, job, model, prediction or machine that it is about.
        data: what it says, as JSON; `message` has it typed.
    """

    position: str
    type: str
    id: str = ""
    source: str = ""
    time: datetime | None = None
    subject: str | None = None
    causationid: str | None = None
    correlationid: str | None = None
    sequence: str | None = None
    topic: str | None = None
    data: Any = None

    @property
    def message(self) -> Message | None:
        """The event as its contract; None where this version of the client does not know it."""
        contract = _contracts().get(self.type)
        try:
            return contract.model_validate(self.data) if contract else None
        except ValidationError:
            return None


class Subscription:
    """What is asked of the stream and how far it was read. Knows no connection.

    Args:
        topics, types, subject: filters; empty: all.
        after: the position to go on after; None: from now on.
        repeats: whether events that a relay said twice are passed on twice.
    """

    def __init__(
        self,
        topics: Sequence[str] = (),
        types: Sequence[str] = (),
        subject: str | None = None,
        *,
        after: str | None = None,
        repeats: bool = False,
    ) -> None:
        self._query = {"topics": ",".join(topics) or None, "type": ",".join(types) or None, "subject": subject}
        self._repeats = repeats
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._frames = FrameReader()
        self.position = after

    def call(self) -> Call[None]:
        """The request that opens the stream where it was left; a new connection begins with it."""
        asked_wait_s = self._frames.retry_s
        self._frames = FrameReader()
        self._frames.retry_s = asked_wait_s
        headers = {"Accept": MEDIA_TYPE, "Cache-Control": "no-store"}
        if self.position:
            headers["Last-Event-ID"] = self.position
        return Call(
            "GET", path_of("events"), _check, query=self._query, headers=headers, repeatable=True, timeout_s=SILENCE_S
        )

    @property
    def asked_wait_s(self) -> float:
        """How long the stream asks a reader to wait before it connects again."""
        return self._frames.retry_s or 0.0

    def read(self, chunk: bytes) -> Iterator[StreamedEvent]:
        """The events that `chunk` completes; the position moves on once they have been taken."""
        for frame in self._frames.read(chunk):
            event = _event(frame)
            if event is not None and (self._repeats or self._is_new(event.id)):
                yield event
        # The last id of all, an event's or not: heartbeats move on past what was not chosen.
        self.position = self._frames.last_id or self.position

    def _is_new(self, event_id: str) -> bool:
        if not event_id:
            return True
        if event_id in self._seen:
            return False
        self._seen[event_id] = None
        if len(self._seen) > REMEMBERED_IDS:
            self._seen.popitem(last=False)
        return True


def _check(response: httpx.Response) -> None:
    """Raises ServiceFault: the answer is no stream of events."""
    given = response.headers.get("content-type", "").partition(";")[0].strip()
    if given != MEDIA_TYPE:
        raise unexpected(response, f"{given or 'no content type'}, not {MEDIA_TYPE}")


def _event(frame: Frame) -> StreamedEvent | None:
    """The event of a frame; None where it is none."""
    if frame.event == DROPPED:
        return None
    try:
        said: Any = json.loads(frame.data)
        fields: Mapping[str, Any] = said if isinstance(said, dict) else {}
        return StreamedEvent.model_validate({"type": frame.event, "data": {}, **fields, "position": frame.id})
    except ValueError:
        return None


@cache
def _contracts() -> Mapping[str, type[Message]]:
    return {contract.type_name(): contract for contract in all_messages()}
