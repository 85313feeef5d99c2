"""The consumer of prediction requests: takes, and commits what is answered."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Protocol

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from babbitt.chassis.errors import Unavailable
from babbitt.chassis.kafka import group_id, kafka_errors
from babbitt.chassis.logs import logger
from babbitt.chassis.readiness import Readiness
from babbitt.chassis.unreadable import ReadableConsumer
from babbitt.contracts.topics import PREDICTIONS_REQUESTS
from babbitt.inference.entrypoints.kafka_arrivals import Arrival
from babbitt.inference.entrypoints.offset_ledger import OffsetLedger
from babbitt.inference.settings import InferenceSettings

_LOG = logger(__name__)

CHECK = "requests"
"""The readiness check of this consumer."""

_HEARTBEAT_MS, _SESSION_MS = 500, 6_000
_REVOKE_S = 4.0
"""Less than the session, after which the broker gives the partitions away anyway."""
_STOP_S = 5.0


class Answering(Protocol):
    """Who answers what is taken."""

    def accept(self, arrival: Arrival) -> None:
        """Take a request over; `RequestsConsumer.answered` is called when its answer is acknowledged."""
        ...

    async def finish(self) -> None:
        """Forget what has not begun, and wait until what has is answered."""
        ...


class RequestsConsumer(ConsumerRebalanceListener):
    """Takes requests in the service's group for as long as it runs, and commits offsets behind their answers."""

    def __init__(self, settings: InferenceSettings, readiness: Readiness) -> None:
        self._settings = settings
        self._readiness = readiness
        self._topic = PREDICTIONS_REQUESTS.full_name(settings.kafka_prefix)
        self._ledger = OffsetLedger()
        self._progress = asyncio.Event()
        self._consumer: ReadableConsumer | None = None
        self._answering: Answering

    async def run(self, answering: Answering, stop: asyncio.Event) -> None:
        """Take requests until `stop` is set; then finish what has begun, commit, and leave the group."""
        self._answering = answering
        while not stop.is_set():
            try:
                async with self._joined() as consumer, asyncio.TaskGroup() as tasks:
                    own = [tasks.create_task(self._collect(consumer)), tasks.create_task(self._commit_regularly())]
                    await stop.wait()
                    for task in own:
                        task.cancel()
            except* Unavailable as away:
                self._readiness.unready(CHECK, str(away.exceptions[0]))
                _LOG.warning("requests wait", reason=str(away.exceptions[0]))
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), 0.5)

    def answered(self, arrival: Arrival) -> None:
        """An answer is acknowledged: its offset may be committed."""
        self._ledger.answer(TopicPartition(self._topic, arrival.record.partition), arrival.record.offset)
        self._progress.set()

    async def on_partitions_revoked(  # pyright: ignore[reportIncompatibleMethodOverride] - may be a coroutine
        self, revoked: set[TopicPartition]
    ) -> None:
        if revoked:
            await self._hand_over(_REVOKE_S)

    async def on_partitions_assigned(  # pyright: ignore[reportIncompatibleMethodOverride] - may be a coroutine
        self, assigned: set[TopicPartition]
    ) -> None:
        _LOG.info("assigned", partitions=sorted(partition.partition for partition in assigned))
        self._readiness.ready(CHECK)

    @asynccontextmanager
    async def _joined(self) -> AsyncGenerator[ReadableConsumer]:
        """A member of the group while the context is open; at its end what has begun is answered and committed."""
        consumer = ReadableConsumer(
            bootstrap_servers=self._settings.kafka_bootstrap_servers,
            client_id=f"{self._settings.kafka_prefix}{self._settings.instance}",
            group_id=group_id(self._settings, PREDICTIONS_REQUESTS),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            heartbeat_interval_ms=_HEARTBEAT_MS,
            session_timeout_ms=_SESSION_MS,
            check_crcs=False,  # the broker checked on arrival; again it costs a tenth of the CPU of a request
        )
        consumer.subscribe([self._topic], listener=self)
        self._consumer = consumer
        try:
            with kafka_errors():
                await consumer.start()
            yield consumer
        finally:
            await self._hand_over(self._settings.drain_s)
            self._consumer = None
            with suppress(Unavailable), kafka_errors():
                async with asyncio.timeout(_STOP_S):
                    await consumer.stop()

    async def _collect(self, consumer: ReadableConsumer) -> None:
        """Take what is there, as long as there is room for it."""
        while True:
            room = await self._room()
            with kafka_errors():
                taken = await consumer.getmany(timeout_ms=1_000, max_records=room)
            for partition, records in taken.items():
                for record in records:
                    self._ledger.take(partition, record.offset)
                    self._answering.accept(Arrival(record))

    async def _room(self) -> int:
        """Wait until a request may be taken; how many may."""
        while (room := self._settings.unfinished_requests - self._ledger.unanswered) <= 0:
            self._progress.clear()
            await self._progress.wait()
        return room

    async def _commit_regularly(self) -> None:
        while True:
            await asyncio.sleep(self._settings.commit_interval_ms / 1000)
            await self._commit()

    async def _commit(self) -> None:
        positions = self._ledger.collect_positions()
        if not positions or self._consumer is None:
            return
        try:
            await self._consumer.commit(positions)
        except (KafkaError, IllegalStateError) as error:  # given away, or the broker is down: they are answered again
            _LOG.warning("not committed", reason=str(error) or type(error).__name__)
            self._ledger.put_back(positions)
        except asyncio.CancelledError:
            self._ledger.put_back(positions)
            raise

    async def _hand_over(self, limit_s: float) -> None:
        """Answer what has begun, commit it, and forget the rest."""
        try:
            async with asyncio.timeout(limit_s):
                await self._answering.finish()
                await self._commit()
        except TimeoutError:
            _LOG.warning("handed over unfinished", unanswered=self._ledger.unanswered)
        self._ledger.forget()
        self._progress.set()
