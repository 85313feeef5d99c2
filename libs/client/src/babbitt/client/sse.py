"""Bytes become server-sent events, after the WHATWG HTML standard, section 9.2.6: Interpreting an event stream."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """One event of a stream.

    Attributes:
        event: its name; `message` where the stream gives none.
        data: its lines, joined by line feeds.
        id: the last one that the stream gave, here or before; it says where to resume.
    """

    event: str
    data: str
    id: str


class FrameReader:
    """Reads one connection's bytes, in pieces of any size.

    Attributes:
        retry_s: how long the stream asks a reader to wait before it connects again, once it has said so.
        last_id: the last id of a block that is complete, whether or not it was an event.
    """

    def __init__(self) -> None:
        self.retry_s: float | None = None
        self.last_id = ""
        self._pending = b""
        self._after_return = False
        self._id = ""
        self._event = ""
        self._data: list[str] = []

    def read(self, chunk: bytes) -> Iterator[Frame]:
        """The frames that `chunk` completes."""
        if self._after_return and chunk.startswith(b"\n"):
            chunk = chunk[1:]  # the second half of a line ending that was cut in two
            self._after_return = False
        if not chunk:
            return
        self._after_return = chunk.endswith(b"\r")
        lines = (self._pending + chunk).splitlines(keepends=True)
        self._pending = b"" if lines[-1].endswith((b"\r", b"\n")) else lines.pop()
        for line in lines:
            frame = self._line(line.rstrip(b"\r\n").decode("utf-8", "replace"))
            if frame is not None:
                yield frame

    def _line(self, line: str) -> Frame | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "event":
                self._event = value
            case "data":
                self._data.append(value)
            case "id" if "\0" not in value:
                self._id = value
            case "retry" if value.isdecimal() and value.isascii():
                self.retry_s = int(value) / 1000
            case _:
                pass  # a comment (a heartbeat), or a field of a later standard
        return None

    def _dispatch(self) -> Frame | None:
        event, data = self._event or "message", self._data
        self._event, self._data, self.last_id = "", [], self._id
        return Frame(event, "\n".join(data), self._id) if data else None
