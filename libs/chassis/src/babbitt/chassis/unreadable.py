"""A consumer that steps over what its client cannot read.

aiokafka decodes the names of headers as UTF-8 while it hands records out: one name that is not UTF-8 would stop its
partition for good. Here such a record comes out as an `UnreadableRecord`, to become a dead letter like other poison.
"""

from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

REASON = "the name of a header is not UTF-8"
_WAIT_MS = 1_500
"""Longer than the broker may hold a fetch of the other partitions (500 ms)."""


@dataclass(frozen=True, slots=True)
class UnreadableRecord:
    """Stands for a record of which only the place is known; looks like a ConsumerRecord."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: None = None
    value: None = None
    headers: tuple[tuple[str, bytes], ...] = field(default=())


class ReadableConsumer(AIOKafkaConsumer):
    """An AIOKafkaConsumer, read by `getone` alone, that no record can stop."""

    async def getone(self, *partitions: TopicPartition) -> ConsumerRecord[Any, Any]:
        """The next record; an UnreadableRecord where the client cannot read it."""
        while True:
            try:
                return await super().getone(*partitions)
            except UnicodeDecodeError:
                if found := await self._stepped_over():
                    return found  # pyright: ignore[reportReturnType] - stands for a record

    async def _stepped_over(self) -> UnreadableRecord | None:
        """Find the partition whose next record cannot be read, and go past it; the others stay where they are."""
        for partition in self.assignment():
            offset = await self.position(partition)
            try:
                await self.getmany(partition, timeout_ms=_WAIT_MS, max_records=1)
            except UnicodeDecodeError:
                self.seek(partition, offset + 1)
                timestamp = self.last_poll_timestamp(partition) or 0
                return UnreadableRecord(partition.topic, partition.partition, offset, max(timestamp, 0))
            self.seek(partition, offset)
        return None
