"""The registry's past, read from Kafka: each topic from its beginning to what is its end now."""

from collections.abc import AsyncIterator, Collection
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition

from babbitt.chassis.kafka import kafka_errors, origin_of
from babbitt.chassis.logs import logger
from babbitt.chassis.settings import Settings
from babbitt.chassis.unreadable import ReadableConsumer, UnreadableRecord
from babbitt.contracts.catalogue import messages_on
from babbitt.contracts.cloudevents import Delivery, contract_of, read_envelope, read_message
from babbitt.contracts.envelope import Message
from babbitt.contracts.errors import MalformedMessage, UnknownType
from babbitt.contracts.topics import MODELS_EVENTS, MODELS_REQUESTS, TRAINING_EVENTS, Topic
from babbitt.contracts.training import TrainQueued
from babbitt.registry.application.follow_jobs import ENDS
from babbitt.registry.errors import PastIncomplete

_LOG = logger(__name__)


class KafkaPast:
    """The port `Past`.

    Args:
        settings: where the broker is.
        source: who the registry is: what others have written to its topics is no past of its own.
    """

    def __init__(self, settings: Settings, source: str) -> None:
        self._settings, self._source = settings, source

    async def said(self) -> AsyncIterator[Delivery[Message]]:
        """As the port says; a dying relay's repeats have the ids of what they repeat."""
        seen = set[str]()
        wanted = messages_on(MODELS_EVENTS).values()
        async for delivery in self._whole(MODELS_EVENTS, wanted, own=self._source):
            if delivery.envelope.source == self._source and delivery.envelope.id not in seen:
                seen.add(delivery.envelope.id)
                yield delivery

    async def heard(self) -> AsyncIterator[Delivery[Message]]:
        """As the port says."""
        async for delivery in self._whole(MODELS_REQUESTS, messages_on(MODELS_REQUESTS).values()):
            yield delivery
        async for delivery in self._whole(TRAINING_EVENTS, (TrainQueued, *ENDS)):
            yield delivery

    async def _whole(
        self, topic: Topic, wanted: Collection[type[Message]], *, own: str | None = None
    ) -> AsyncIterator[Delivery[Message]]:
        name = topic.full_name(self._settings.kafka_prefix)
        partitions = [TopicPartition(name, number) for number in range(topic.partitions)]
        consumer = ReadableConsumer(
            bootstrap_servers=self._settings.kafka_bootstrap_servers, group_id=None, enable_auto_commit=False
        )
        with kafka_errors():
            try:
                await consumer.start()
                consumer.assign(partitions)
                ends = await consumer.end_offsets(partitions)
                for partition, offset in (await consumer.beginning_offsets(partitions)).items():
                    consumer.seek(partition, offset)
                while any([await consumer.position(partition) < end for partition, end in ends.items()]):
                    for records in (await consumer.getmany(timeout_ms=1000)).values():
                        for record in records:
                            if (delivery := read(topic, record, wanted, own)) is not None:
                                yield delivery
            finally:
                await consumer.stop()


def read(
    topic: Topic, record: ConsumerRecord[Any, Any], wanted: Collection[type[Message]], own: str | None = None
) -> Delivery[Message] | None:
    """A record as one of the wanted messages; None: it is none, or was never handled because it cannot be read.

    Args:
        topic: where it lay.
        record: what lay there.
        wanted: the contracts.
        own: whose records have all to be read: without one of them a past is another past.

    Raises:
        PastIncomplete: it cannot be read, and may be one of these.
    """
    try:
        return _decoded(topic, record, wanted)
    except MalformedMessage as error:
        foreign = error.envelope is not None and error.envelope.source != own
        if own is not None and not foreign and not isinstance(error, UnknownType):
            place = f"{topic.name}, partition {record.partition}, offset {record.offset}"
            raise PastIncomplete(f"{place}: {error}") from error
        _LOG.warning("passed over", topic=topic.name, offset=record.offset, reason=str(error))
        return None


def _decoded(
    topic: Topic, record: ConsumerRecord[Any, Any], wanted: Collection[type[Message]]
) -> Delivery[Message] | None:
    if isinstance(record, UnreadableRecord):
        raise MalformedMessage(record.reason)
    origin = origin_of(topic, record)
    envelope, data = read_envelope(topic, record.value, record.headers, origin)
    contract = contract_of(topic, envelope)
    return read_message(contract, envelope, data, origin) if contract in wanted else None
