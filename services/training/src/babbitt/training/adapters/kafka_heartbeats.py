"""The heartbeats of all replicas, followed. No group: every replica with GPUs hears all of them, and keeps no row."""

import asyncio
import time

from aiokafka import TopicPartition

from babbitt.chassis.errors import Malformed, Unavailable
from babbitt.chassis.kafka import kafka_errors, origin_of
from babbitt.chassis.logs import logger
from babbitt.chassis.metrics import SKIPPED
from babbitt.chassis.settings import Settings
from babbitt.chassis.unreadable import ReadableConsumer, Record, UnreadableRecord
from babbitt.contracts.cloudevents import decode
from babbitt.contracts.envelope import Message
from babbitt.contracts.errors import UnknownType
from babbitt.contracts.heartbeats import MISSED_BEATS, ServiceHeartbeat
from babbitt.contracts.topics import SYSTEM_HEARTBEATS
from babbitt.training.domain.device_pool import DevicesInUse

_LOG = logger(__name__)

PAST_S = 60.0
"""How far back it begins to read: longer than any replica that is alive is silent."""
AGAIN_AFTER_S = 0.5
SILENCE_S = MISSED_BEATS / 2 * 2.0
"""After so long without any heartbeat, this replica's own included, the broker is away: its client does not say so.

Less than the four beats after which a replica is thought gone: the last of another one may be older by a beat.
"""


class KafkaHeartbeats:
    """Tells `in_use` what replicas say of their devices, and whether they are heard at all."""

    def __init__(self, settings: Settings, in_use: DevicesInUse, silence_s: float = SILENCE_S) -> None:
        self._settings, self._in_use, self._silence_s = settings, in_use, silence_s
        self._partition = TopicPartition(SYSTEM_HEARTBEATS.full_name(settings.kafka_prefix), 0)

    async def run(self) -> None:
        """Follow until cancelled; while the broker is away, no device is thought free."""
        while True:
            try:
                await self._follow()
            except Unavailable as error:
                _LOG.warning("heartbeats wait", reason=str(error))
            finally:
                self._in_use.known = False
            await asyncio.sleep(AGAIN_AFTER_S)

    async def _follow(self) -> None:
        consumer = ReadableConsumer(
            bootstrap_servers=self._settings.kafka_bootstrap_servers,
            client_id=f"{self._settings.kafka_prefix}{self._settings.instance}",
            group_id=None,
            enable_auto_commit=False,
        )
        try:
            with kafka_errors():
                await consumer.start()
                end = await self._start(consumer)
                while True:
                    self._take(await self._next(consumer))
                    self._in_use.known = await consumer.position(self._partition) >= end
        finally:
            await consumer.stop()

    async def _start(self, consumer: ReadableConsumer) -> int:
        """Go to what was said lately; where the topic ends now."""
        consumer.assign([self._partition])
        ends = await consumer.end_offsets([self._partition])
        since = await consumer.offsets_for_times({self._partition: int((time.time() - PAST_S) * 1000)})
        found = since[self._partition]
        consumer.seek(self._partition, found.offset if found else ends[self._partition])
        return ends[self._partition]

    async def _next(self, consumer: ReadableConsumer) -> Record:
        while True:
            try:
                async with asyncio.timeout(self._silence_s):
                    return await consumer.getone()
            except TimeoutError:
                self._in_use.known = False

    def _take(self, record: Record) -> None:
        try:
            heartbeat = _read(record)
        except (Malformed, UnknownType):
            heartbeat = None
        if isinstance(heartbeat, ServiceHeartbeat):
            self._in_use.heard(heartbeat)
        else:
            SKIPPED.labels(SYSTEM_HEARTBEATS.name).inc()


def _read(record: Record) -> Message | None:
    if isinstance(record, UnreadableRecord):
        return None
    return decode(SYSTEM_HEARTBEATS, record.value, record.headers, origin_of(SYSTEM_HEARTBEATS, record)).message
