"""A consumer that no record can stop.

aiokafka raises where it cannot read a record: the name of a header is not UTF-8, its batch is corrupt or its codec is
not installed. It would raise again and again, and what it had gathered from other partitions in the same call is lost,
though their positions moved on. Here such a record comes out in its turn as an `UnreadableRecord`, to become a dead
letter like other poison. So does what follows it in the batch in which it was sent.
"""

import asyncio
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import CorruptRecordException, UnsupportedCodecError

type Record = ConsumerRecord[Any, Any]
type Batch = dict[TopicPartition, list[Record]]

_UNREADABLE = (UnicodeDecodeError, CorruptRecordException, UnsupportedCodecError)
_CAREFUL_S = 5.0
"""Then it is tried as usual again: the record may have been given away with its partition."""
_LOOK_AGAIN_S = 0.02


@dataclass
class UnreadableRecord(ConsumerRecord[bytes, bytes]):
    """Stands for a record of which only the place is known, and why it is no more.

    Its time is the epoch's beginning whenever it is read, so that it is buried once.
    """

    reason: str

    @classmethod
    def at(cls, place: TopicPartition, offset: int, error: Exception) -> "UnreadableRecord":
        """The record at `offset`, and what the client says about it."""
        why = "the name of a header is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        reason = f"the client cannot read the record: {why}"
        return cls(*place, offset, 0, 0, None, None, None, -1, -1, (), reason)


class ReadableConsumer(AIOKafkaConsumer):
    """An AIOKafkaConsumer that hands out every record, those that cannot be read too.

    A header without a value, which Kafka allows, has an empty one here. In a group it begins at the earliest record;
    without one, its partitions are sought before they are read.
    """

    def __init__(self, *topics: str, **options: Any) -> None:
        super().__init__(*topics, **options)
        self._assigned: Iterable[TopicPartition] = ()
        self._next: dict[TopicPartition, int] = {}
        self._careful_until = 0.0

    async def getone(self, *partitions: TopicPartition) -> Record:
        """The next record."""
        while True:
            batch = await self.getmany(*partitions, timeout_ms=1_000, max_records=1)
            for records in batch.values():
                return records[0]

    async def getmany(self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None) -> Batch:
        """What is there, by partition; waits up to `timeout_ms`, and may return with nothing before."""
        try:
            if time.monotonic() < self._careful_until:
                batch = await self._one_by_one(partitions, timeout_ms, max_records)
            else:
                batch = await super().getmany(*partitions, timeout_ms=timeout_ms, max_records=max_records)
        except _UNREADABLE:
            await self._go_back()
            self._careful_until = time.monotonic() + _CAREFUL_S
            return {}
        next_offsets = self._next_offsets()
        for partition, records in batch.items():
            next_offsets[partition] = records[-1].offset + 1
            records[:] = [_without_nulls(record) for record in records]
        return batch

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read a partition from `offset` on."""
        super().seek(partition, offset)
        self._next_offsets()[partition] = offset

    async def _one_by_one(
        self, partitions: Iterable[TopicPartition], timeout_ms: int, max_records: int | None
    ) -> Batch:
        """At most one record of each partition: so none is lost, and it is known which cannot be read."""
        until = time.monotonic() + timeout_ms / 1000
        batch: Batch = {}
        while True:
            mine = tuple(partitions or self.assignment())
            for partition in random.sample(mine, len(mine)):  # in no order, so that none keeps another waiting
                try:
                    batch |= await super().getmany(partition, max_records=1)
                except _UNREADABLE as error:
                    offset = await self.position(partition)
                    self.seek(partition, offset + 1)
                    self._careful_until = 0.0
                    batch[partition] = [UnreadableRecord.at(partition, offset, error)]
                    return batch
                if len(batch) == max_records:
                    return batch
            if batch or time.monotonic() >= until:
                return batch
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def _go_back(self) -> None:
        """To where every partition was before the call that failed."""
        next_offsets = self._next_offsets()
        for partition in self.assignment():
            offset = next_offsets.get(partition)
            if offset is None:
                offset = await self.committed(partition)
            if offset is None:
                await self.seek_to_beginning(partition)
            elif partition in self.assignment():  # it may have been given away meanwhile
                self.seek(partition, offset)

    def _next_offsets(self) -> dict[TopicPartition, int]:
        """Up to where partitions were handed out. After a rebalance that is the group's matter: nothing is known."""
        if self.assignment() is not self._assigned:
            self._assigned, self._next = self.assignment(), {}
        return self._next


def _without_nulls(record: Record) -> Record:
    headers = cast("Sequence[tuple[str, bytes | None]]", record.headers)
    if any(value is None for _, value in headers):
        return replace(record, headers=tuple((name, value or b"") for name, value in headers))
    return record
