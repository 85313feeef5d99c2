"""The recent past of all streamed topics, in memory: one bounded ring a replica, fed by its one tail consumer."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress

from babbitt.gateway.events.frames import StreamedRecord
from babbitt.gateway.events.selection import Place


class Overrun(Exception):
    """The ring has gone past a reader."""


class Tail:
    """Records in the order in which they were read, numbered from 0.

    Args:
        most_records, most_bytes: what is kept.
    """

    def __init__(self, most_records: int, most_bytes: int) -> None:
        self._most_records = most_records
        self._most_bytes = most_bytes
        self._ring: deque[StreamedRecord] = deque()
        self._bytes = 0
        self._first_number = 0
        self._next_offsets: dict[Place, int] = {}
        self._oldest_offsets: dict[Place, int] = {}
        self._arrived = asyncio.Event()

    @property
    def next_number(self) -> int:
        """The number that the next record gets."""
        return self._first_number + len(self._ring)

    @property
    def next_offsets(self) -> Mapping[Place, int]:
        """Up to where each partition was read."""
        return self._next_offsets

    def begin(self, offsets: Mapping[Place, int]) -> None:
        """Where reading begins; called once for each partition."""
        for place, offset in offsets.items():
            self._next_offsets.setdefault(place, offset)
            self._oldest_offsets.setdefault(place, offset)

    def append(self, records: Sequence[StreamedRecord]) -> None:
        """Take records, make room, and wake the readers."""
        for record in records:
            self._ring.append(record)
            self._bytes += record.size_bytes
            self._next_offsets[record.topic.name, record.partition] = record.offset + 1
        while len(self._ring) > self._most_records or self._bytes > self._most_bytes:
            oldest = self._ring.popleft()
            self._bytes -= oldest.size_bytes
            self._first_number += 1
            self._oldest_offsets[oldest.topic.name, oldest.partition] = oldest.offset + 1
        self.wake()

    def wake(self) -> None:
        """Let those who wait look again."""
        arrived, self._arrived = self._arrived, asyncio.Event()
        arrived.set()

    def start_for(self, offsets: Mapping[Place, int]) -> int | None:
        """The number from which the ring holds all that comes after `offsets`; None: it holds not all."""
        if all(offset >= self._next_offsets[place] for place, offset in offsets.items()):
            return self.next_number
        if all(offset >= self._oldest_offsets[place] for place, offset in offsets.items()):
            return self._first_number
        return None

    def read(self, number: int, most: int) -> list[StreamedRecord]:
        """Up to `most` records from `number` on.

        Raises:
            Overrun: the ring no longer holds the first of them.
        """
        if number < self._first_number:
            raise Overrun
        start = number - self._first_number
        # by index, which a deque counts from its nearer end: live readers read at the right one
        return [self._ring[place] for place in range(start, min(start + most, len(self._ring)))]

    async def arrival(self, number: int, timeout_s: float) -> None:
        """Wait until there is a record `number`, or somebody calls `wake`, or for so long."""
        if number < self.next_number:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._arrived.wait()
