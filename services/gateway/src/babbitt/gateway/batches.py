"""Batches of records that no single record can stop.

aiokafka decodes the names of headers as UTF-8 while it hands records out: one name that is not UTF-8 makes `getmany`
raise again and again, and what it had gathered from other partitions in the same call is lost, though their positions
moved on. Here everything is read again from where the reader was, record by record, and the one that cannot be read
comes out as an `UnreadableRecord`.
"""

from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from babbitt.chassis.unreadable import UnreadableRecord

type Record = ConsumerRecord[Any, Any] | UnreadableRecord
type Batch = dict[TopicPartition, list[Record]]

_WAIT_MS = 100


class Batches:
    """Reads a consumer.

    Args:
        positions: from where its partitions are read; those of a group's member follow from what it committed.
    """

    def __init__(self, consumer: AIOKafkaConsumer, positions: Mapping[TopicPartition, int] | None = None) -> None:
        self._consumer = consumer
        self._positions = dict(positions or {})

    async def next(self, *, timeout_ms: int, most: int | None = None) -> Batch:
        """What is there, by partition; waits for it up to `timeout_ms`.

        Raises:
            KafkaError: the broker is away.
        """
        try:
            batch: Batch = await self._consumer.getmany(timeout_ms=timeout_ms, max_records=most)  # pyright: ignore[reportAssignmentType] - a list of records is one of records that may be unreadable
        except UnicodeDecodeError:
            batch = await self._one_by_one()
        for partition, records in batch.items():
            self._positions[partition] = records[-1].offset + 1
        return batch

    def go_back(self, batch: Batch) -> None:
        """Let a batch come again."""
        for partition, records in batch.items():
            self._positions[partition] = records[0].offset
            self._consumer.seek(partition, records[0].offset)

    async def _one_by_one(self) -> Batch:
        """Go back to where the reader was, and read on until there is a record that cannot be read."""
        for partition in self._consumer.assignment():
            await self._seek(partition)
        batch: Batch = {}
        while self._consumer.assignment():
            for partition in self._consumer.assignment():
                try:
                    found = await self._consumer.getmany(partition, timeout_ms=_WAIT_MS, max_records=1)
                except UnicodeDecodeError:
                    offset = await self._consumer.position(partition)
                    self._consumer.seek(partition, offset + 1)
                    stamp = max(self._consumer.last_poll_timestamp(partition) or 0, 0)
                    unread = UnreadableRecord(partition.topic, partition.partition, offset, stamp)
                    batch.setdefault(partition, []).append(unread)
                    return batch
                for records in found.values():
                    batch.setdefault(partition, []).extend(records)
        return batch

    async def _seek(self, partition: TopicPartition) -> None:
        where = self._positions.get(partition)
        where = where if where is not None else await self._consumer.committed(partition)
        if where is None:
            await self._consumer.seek_to_beginning(partition)
        else:
            self._consumer.seek(partition, where)
