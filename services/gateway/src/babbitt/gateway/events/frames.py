"""Events as server-sent frames (WHATWG HTML, section 9.2)."""

import json
from collections.abc import Mapping
from typing import Any

from babbitt.chassis.kafka import origin_of
from babbitt.chassis.unreadable import Record
from babbitt.contracts.cloudevents import read_envelope
from babbitt.contracts.errors import MalformedMessage
from babbitt.contracts.topics import Topic

RETRY_MS = 2000


class StreamedRecord:
    """A record on its way to readers; read and rendered once, when the first of them wants it.

    Attributes:
        topic, partition, offset: where it lay.
        size_bytes: what keeping it costs, about.
    """

    __slots__ = ("_event", "_read", "_record", "offset", "partition", "size_bytes", "topic")

    def __init__(self, topic: Topic, record: Record) -> None:
        self.topic = topic
        self.partition = record.partition
        self.offset = record.offset
        headers_bytes = sum(len(name) + len(value) for name, value in record.headers)
        self.size_bytes = len(record.key or b"") + len(record.value or b"") + headers_bytes + 500
        self._record: Record | None = record
        self._event: tuple[str, str | None, str] | None = None
        self._read = False

    def event(self) -> tuple[str, str | None, str] | None:
        """Type, subject, and the frame's `event` and `data` lines; None: it is none that can be told."""
        if not self._read:
            self._event = _render(self.topic, self._record)
            self._record, self._read = None, True
        return self._event


def _render(topic: Topic, record: Record | None) -> tuple[str, str | None, str] | None:
    if record is None or record.value is None:
        return None
    try:
        envelope, data = read_envelope(topic, record.value, record.headers, origin_of(topic, record))
    except MalformedMessage:
        return None
    if not envelope.type.isprintable():
        return None
    said = envelope.model_dump(mode="json", exclude={"traceparent"}, exclude_none=True)
    content = json.dumps({**said, "topic": topic.name, "data": data}, separators=(",", ":"))
    return envelope.type, envelope.subject, f"event: {envelope.type}\ndata: {content}\n"


def event_frame(lines: str, position: str) -> bytes:
    """A record's frame."""
    return f"id: {position}\n{lines}\n".encode()


def notice(name: str, data: Mapping[str, Any], position: str) -> bytes:
    """Something that the stream itself has to say: `gap` or `dropped`."""
    content = json.dumps({"type": name, "data": data}, separators=(",", ":"))
    return f"id: {position}\nevent: {name}\ndata: {content}\n\n".encode()


def opening(position: str) -> bytes:
    """The first bytes: how long to wait before connecting again, and where the reader stands."""
    return f"retry: {RETRY_MS}\nid: {position}\n\n".encode()


def heartbeat(position: str) -> bytes:
    """A comment that keeps the connection alive; the id moves the reader on past what it did not choose."""
    return f": heartbeat\nid: {position}\n\n".encode()
