"""One reader of the stream: from where it was, through what it missed, to what happens now. Every record is seen."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import AsyncExitStack

from babbitt.chassis.errors import Unavailable
from babbitt.gateway.errors import Away
from babbitt.gateway.events.catch_up import CatchUp, CatchUps
from babbitt.gateway.events.frames import StreamedRecord, event_frame, heartbeat, notice, opening
from babbitt.gateway.events.position import read_position, write_position
from babbitt.gateway.events.selection import Place, Selection
from babbitt.gateway.events.tail import Overrun, Tail
from babbitt.gateway.metrics import STREAMS_ENDED

BATCH = 200


class Reader:
    """A reader's place in the stream, and the frames that it is sent.

    Args:
        stopping: set when this replica ends: the reader goes on elsewhere.
        heartbeat_s: seconds without a frame, as nothing happened or nothing was chosen, after which a comment is sent.
    """

    def __init__(
        self,
        selection: Selection,
        tail: Tail,
        catch_ups: CatchUps,
        stopping: asyncio.Event,
        *,
        heartbeat_s: float,
    ) -> None:
        self._selection = selection
        self._tail = tail
        self._catch_ups = catch_ups
        self._stopping = stopping
        self._heartbeat_s = heartbeat_s
        self._offsets: dict[Place, int] = {}
        self._compacted = {topic.name for topic in selection.topics if topic.compacted}
        self._said_at = time.monotonic()
        self._catch_up: CatchUp | None = None
        self._resources = AsyncExitStack()

    async def begin(self, last_event_id: str | None) -> None:
        """Take the place that the reader names, or the present; to be closed afterwards.

        Raises:
            InvalidCursor: it names none.
            TooManyStreams: it needs older events, and too many read those already.
            Away, Unavailable: this replica has not begun to read yet, or the broker is away.
        """
        places = self._selection.places()
        if any(place not in self._tail.next_offsets for place in places):
            raise Away("the event stream is starting")
        if not last_event_id:
            self._offsets = {place: self._tail.next_offsets[place] for place in places}
            return
        self._offsets = read_position(self._selection, last_event_id)
        if self._tail.start_for(self._offsets) is None or self._ahead():
            self._resources.enter_context(self._catch_ups.slot())
            self._catch_up = await self._resources.enter_async_context(self._catch_ups.reading(self._offsets))

    async def close(self) -> None:
        """Give back what it holds."""
        self._catch_up = None
        await self._resources.aclose()

    async def frames(self) -> AsyncGenerator[bytes]:
        """The stream, until this replica stops or the reader is too slow."""
        self._said_at = time.monotonic()
        yield opening(self._position())
        try:
            if self._catch_up is not None:
                async for frame in self._missed(self._catch_up):
                    yield frame
            number = self._tail.start_for(self._offsets)
            await self.close()
            async for frame in self._present(number):
                yield frame
        except Overrun:
            STREAMS_ENDED.labels("slow_reader").inc()
            yield self._dropped("slow_reader", "the reader fell behind what is kept; it may resume from its position")
        except Unavailable:
            STREAMS_ENDED.labels("unavailable").inc()
            yield self._dropped("unavailable", "the broker is away; the reader may resume from its position")

    async def _missed(self, catch_up: CatchUp) -> AsyncGenerator[bytes]:
        """What is older than the ring, until the ring holds the rest."""
        while not self._stopping.is_set():
            for frame in self._moved_on(await catch_up.positions()):
                yield frame
            if self._tail.start_for(self._offsets) is not None:
                return
            for frame in self._chosen(await catch_up.batch()):
                yield frame
            for frame in self._silence():
                yield frame

    async def _present(self, number: int | None) -> AsyncGenerator[bytes]:
        """What the ring holds from `number` on, and what comes."""
        while not self._stopping.is_set():
            if number is None:
                raise Overrun
            records = self._tail.read(number, BATCH)
            number += len(records)
            for frame in self._chosen(records):
                yield frame
            for frame in self._silence():
                yield frame
            if not records:
                await self._tail.arrival(number, self._said_at + self._heartbeat_s - time.monotonic())

    def _chosen(self, records: Iterable[StreamedRecord]) -> Iterable[bytes]:
        for record in records:
            place = (record.topic.name, record.partition)
            expected = self._offsets.get(place, record.offset + 1)
            if record.offset < expected:
                continue
            if record.offset > expected:
                yield from self._moved_on({place: record.offset})
            self._offsets[place] = record.offset + 1
            event = record.event()
            if event is not None and self._selection.takes(event[0], event[1]):
                self._said_at = time.monotonic()
                yield event_frame(event[2], self._position())

    def _moved_on(self, positions: Mapping[Place, int]) -> Iterable[bytes]:
        """Go on from `positions`. What before them was not read is lost to retention, if not compacted: said."""
        lost = [
            {"topic": topic, "partition": number, "from": self._offsets[topic, number], "to": to}
            for (topic, number), to in positions.items()
            if to > self._offsets[topic, number] and topic not in self._compacted
        ]
        self._offsets |= positions
        if lost:
            yield notice("gap", {"lost": lost}, self._position())

    def _silence(self) -> Iterable[bytes]:
        """A comment after too long a silence; its id moves the reader on past what was not chosen."""
        if time.monotonic() - self._said_at >= self._heartbeat_s:
            self._said_at = time.monotonic()
            yield heartbeat(self._position())

    def _ahead(self) -> bool:
        """Whether the reader stands beyond what this replica has read: another was faster, or it is garbage."""
        return any(offset > self._tail.next_offsets[place] for place, offset in self._offsets.items())

    def _position(self) -> str:
        return write_position(self._selection, self._offsets)

    def _dropped(self, reason: str, detail: str) -> bytes:
        return notice("dropped", {"reason": reason, "detail": detail}, self._position())
