"""What to do when the Kafka client itself cannot read a record.

aiokafka decodes the names of headers as UTF-8 while it hands records out. A name that is not UTF-8 makes `getmany`
raise, again and again, and what it had gathered from other partitions in the same call is lost, though their positions
moved on.
"""

from collections.abc import AsyncGenerator, Callable, Mapping

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

type Taken = Callable[[TopicPartition, ConsumerRecord[bytes, bytes]], None]
type Unread = Callable[[TopicPartition, int], None]

_WAIT_MS = 100


async def step_over(
    consumer: AIOKafkaConsumer, next_offsets: Mapping[TopicPartition, int], taken: Taken, unread: Unread
) -> None:
    """Go back to where every partition was, read on record by record, and step over the one that cannot be read.

    Args:
        consumer: one whose `getmany` has just raised UnicodeDecodeError.
        next_offsets: the offsets from which the partitions are to be read; absent: the committed ones.
        taken: is given what is read on the way.
        unread: is given the place that was stepped over.

    Raises:
        KafkaError: the broker is away.
    """
    for partition in consumer.assignment():
        await _go_back(consumer, partition, next_offsets.get(partition))
    async for partition, record in _one_by_one(consumer, unread):
        taken(partition, record)


async def _go_back(consumer: AIOKafkaConsumer, partition: TopicPartition, offset: int | None) -> None:
    where = offset if offset is not None else await consumer.committed(partition)
    if where is None:
        await consumer.seek_to_beginning(partition)
    else:
        consumer.seek(partition, where)


async def _one_by_one(
    consumer: AIOKafkaConsumer, unread: Unread
) -> AsyncGenerator[tuple[TopicPartition, ConsumerRecord[bytes, bytes]]]:
    """Records one at a time, so that none is lost, until one could not be read; that one is stepped over.

    Ends too when every partition was given away: then the record is another replica's matter.
    """
    while consumer.assignment():
        for partition in consumer.assignment():
            try:
                found = await consumer.getmany(partition, timeout_ms=_WAIT_MS, max_records=1)
            except UnicodeDecodeError:
                offset = await consumer.position(partition)
                consumer.seek(partition, offset + 1)
                unread(partition, offset)
                return
            for records in found.values():
                for record in records:
                    yield partition, record
