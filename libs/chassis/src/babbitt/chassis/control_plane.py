"""The control plane: FastStream subscribers, one message at a time, acknowledged after the transaction.

FastStream's own default acknowledges first, which loses messages; here acknowledgement is by hand, in one middleware.
It seeks back on a failure, because an acknowledgement commits the consumer's position: a failure passed over would be
lost.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, cast

from aiokafka import ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy, BaseMiddleware, ContextRepo, StreamMessage
from faststream.kafka import KafkaBroker
from opentelemetry.trace import SpanKind
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.kafka import group_id, kafka_errors
from babbitt.chassis.logs import logger
from babbitt.chassis.metrics import MESSAGE_SECONDS
from babbitt.chassis.readiness import Readiness
from babbitt.chassis.settings import Settings
from babbitt.chassis.settlement import GivenUp, Gone, Handler, Settlement, Verdict
from babbitt.chassis.telemetry import span
from babbitt.chassis.unreadable import ReadableConsumer
from babbitt.contracts.envelope import Message
from babbitt.contracts.topics import Topic

_LOG = logger(__name__)

HEARTBEATS_A_SESSION = 10
_POSITION_S = 1.0


class ControlPlane:
    """What a service hears on the control plane. Declare with `hears`, then `start`."""

    def __init__(
        self,
        settings: Settings,
        sessions: async_sessionmaker[AsyncSession],
        readiness: Readiness,
        *,
        committed: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        self._readiness = readiness
        self._committed = committed
        self._stopping = asyncio.Event()
        self._subscriptions: dict[str, _Subscription] = {}
        self._broker = KafkaBroker(
            settings.kafka_bootstrap_servers.split(","),
            client_id=f"{settings.kafka_prefix}{settings.instance}",
            apply_types=False,
            allow_auto_create_topics=False,
            graceful_timeout=settings.drain_s,
            logger=None,
            consumer_only=True,
            middlewares=[self._middleware],
        )

    def hears(
        self,
        topic: Topic,
        handlers: Mapping[type[Message], Handler],
        *,
        given_up: GivenUp | None = None,
        gone: Gone | None = None,
    ) -> None:
        """Hear `topic` in this service's group; types without a handler are passed over.

        Args:
            topic: what to hear.
            handlers: who handles which type.
            given_up: ends what waits for a message that is given up; by default its sender is told by RequestRefused.
            gone: hears that a key of a compacted topic has no value any more.
        """
        settlement = Settlement(
            self._settings.service, topic, handlers, self._sessions, self._readiness, self._committed, given_up, gone
        )
        full_name = topic.full_name(self._settings.kafka_prefix)
        subscription = _Subscription(settlement)
        session_ms = int(self._settings.group_session_s * 1000)
        subscriber = self._broker.subscriber(
            full_name,
            group_id=group_id(self._settings, topic),
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=session_ms // HEARTBEATS_A_SESSION,
            max_poll_records=1,
            listener=subscription,
            parser=_unparsed,
            decoder=_undecoded,
            no_reply=True,
        )
        subscriber(subscription.settle)
        subscription.subscriber = subscriber
        self._subscriptions[full_name] = subscription

    async def start(self) -> None:
        """Start hearing.

        Raises:
            Unavailable: the broker is away; to be called again.
        """
        try:
            with kafka_errors():
                await self._broker.connect()
                config = self._broker.config.broker_config
                config.builder = partial(ReadableConsumer, **cast("partial[Any]", config.builder).keywords)
                await self._broker.start()
        except Unavailable:
            await self._broker.stop()
            raise

    async def stop(self) -> None:
        """Finish the messages that are being handled, commit, and leave the groups."""
        self._stopping.set()
        await self._broker.stop()

    async def lag(self) -> dict[str, int]:
        """Messages behind, by topic."""
        return {one.settlement.topic.name: await one.lag() for one in self._subscriptions.values()}

    def _middleware(self, record: Any, /, *, context: ContextRepo) -> "_Acknowledgement":
        return _Acknowledgement(
            record, context=context, subscription=self._subscriptions[record.topic], stopping=self._stopping
        )


class _Subscription(ConsumerRebalanceListener):
    """One topic's consumer. A rebalance waits for the message that is being settled."""

    def __init__(self, settlement: Settlement) -> None:
        self.settlement = settlement
        self.subscriber: Any = None
        self.settling = asyncio.Lock()
        self._next: dict[TopicPartition, int] = {}

    async def lag(self) -> int:
        """Messages behind the ends of its partitions, as the last fetch told."""
        consumer = self.subscriber.consumer
        if consumer is None:
            return 0
        behind = 0
        for partition in consumer.assignment():
            if partition not in consumer.assignment() or (end := consumer.highwater(partition)) is None:
                continue  # given away meanwhile, or nothing was fetched yet
            following = self._next.get(partition)
            with suppress(TimeoutError, KafkaError):  # a position that is being reset is known later
                async with asyncio.timeout(_POSITION_S):
                    behind += max(end - (await consumer.position(partition) if following is None else following), 0)
        return behind

    async def settle(self, record: ConsumerRecord[Any, Any]) -> Verdict:
        """FastStream's handler: the record comes undecoded."""
        return await self.settlement.settle(record)

    async def acknowledge(self, record: ConsumerRecord[Any, Any], verdict: Verdict) -> None:
        """Commit the position, or go back to the record."""
        consumer = self.subscriber.consumer
        if consumer is None:
            return
        if verdict is Verdict.SETTLED:
            self._next[TopicPartition(record.topic, record.partition)] = record.offset + 1
            try:
                await consumer.commit()
            except KafkaError as error:  # given away, or the broker is down: it comes again and the inbox knows it
                _LOG.warning("not committed", topic=record.topic, offset=record.offset, reason=str(error))
            return
        with suppress(IllegalStateError):  # given away meanwhile: its new owner starts from the committed offset
            consumer.seek(TopicPartition(record.topic, record.partition), record.offset)

    async def on_partitions_revoked(  # pyright: ignore[reportIncompatibleMethodOverride] - may be a coroutine
        self, revoked: set[TopicPartition]
    ) -> None:
        async with self.settling:
            self.settlement.forget(part.partition for part in revoked)
            for part in revoked:
                self._next.pop(part, None)

    async def on_partitions_assigned(  # pyright: ignore[reportIncompatibleMethodOverride] - may be a coroutine
        self, assigned: set[TopicPartition]
    ) -> None:
        _LOG.info("assigned", partitions=sorted(f"{part.topic}/{part.partition}" for part in assigned))


class _Acknowledgement(BaseMiddleware[Any, Any]):
    """Settles one message and acknowledges what became of it. Nothing that fails is ever passed over."""

    def __init__(
        self,
        record: ConsumerRecord[Any, Any],
        /,
        *,
        context: ContextRepo,
        subscription: _Subscription,
        stopping: asyncio.Event,
    ) -> None:
        super().__init__(record, context=context)
        self._subscription = subscription
        self._stopping = stopping

    async def consume_scope(
        self, call_next: Callable[[Any], Awaitable[Any]], msg: StreamMessage[ConsumerRecord[Any, Any]]
    ) -> Any:
        record = msg.raw_message
        settlement = self._subscription.settlement
        verdict = Verdict.AGAIN
        async with self._subscription.settling:
            try:
                with MESSAGE_SECONDS.labels(settlement.topic.name).time(), _span_of(settlement.topic, record):
                    verdict = await call_next(msg)
            finally:
                await self._subscription.acknowledge(record, verdict)
        if verdict is Verdict.AGAIN:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), settlement.back_off_s(record.partition))
        return verdict


def _span_of(topic: Topic, record: ConsumerRecord[Any, Any]) -> Any:
    parent = dict(record.headers).get("traceparent", b"").decode("latin-1") or None
    return span(f"process {topic.name}", parent=parent, kind=SpanKind.CONSUMER)


async def _unparsed(record: ConsumerRecord[Any, Any]) -> StreamMessage[ConsumerRecord[Any, Any]]:
    """FastStream's parser reads headers as UTF-8 and drops what is not; here every record comes through."""
    return StreamMessage(raw_message=record, body=record)


async def _undecoded(message: StreamMessage[ConsumerRecord[Any, Any]]) -> ConsumerRecord[Any, Any]:
    return message.raw_message
