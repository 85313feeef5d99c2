"""Heartbeats: every replica says every two seconds that it is there, how it is, and what it serves."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiokafka.errors import KafkaError

from babbitt.chassis.clock import utc_now
from babbitt.chassis.errors import Unavailable
from babbitt.chassis.logs import logger
from babbitt.chassis.readiness import Readiness
from babbitt.chassis.sender import Outgoing, Sender
from babbitt.chassis.settings import Settings
from babbitt.chassis.version import software_version
from babbitt.contracts.cloudevents import headers_of
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.heartbeats import ServiceHeartbeat, Serving, UsedDevice
from babbitt.contracts.names import new_id
from babbitt.contracts.topics import SYSTEM_HEARTBEATS

_LOG = logger(__name__)

_SAY_S = 5.0


class Heartbeat:
    """Says a replica's heartbeats, at an interval and whenever what it serves changes."""

    def __init__(
        self,
        settings: Settings,
        readiness: Readiness,
        *,
        serves: Callable[[], tuple[Serving, ...]] = tuple,
        devices: Callable[[], tuple[UsedDevice, ...]] = tuple,
        lag: Callable[[], Awaitable[dict[str, int]]] | None = None,
        interval_s: float = 2.0,
    ) -> None:
        self._settings = settings
        self._sender = Sender(settings, timeout_s=_SAY_S)
        self._readiness = readiness
        self._serves, self._devices = serves, devices
        self._lag = lag
        self._interval_s = interval_s
        self._changed = asyncio.Event()
        self._count = 0

    def changed(self) -> None:
        """Say the next heartbeat now."""
        self._changed.set()

    async def run(self) -> None:
        """Say heartbeats until cancelled, the last one with health `stopping`; what cannot be said is passed over."""
        try:
            while True:
                self._changed.clear()
                await self._say("ready" if self._readiness else "unready")
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), self._interval_s)
        finally:
            try:
                await self._say("stopping")
            finally:  # a second cancellation too leaves no connection
                await self._sender.stop()

    async def _say(self, health: str) -> None:
        self._count += 1
        heartbeat = ServiceHeartbeat(
            service=self._settings.service,
            instance=self._settings.instance,
            version=software_version(),
            health=health,
            reasons=tuple(f"{check}: {reason}" for check, reason in self._readiness.reasons().items()),
            serves=self._serves(),
            devices=self._devices(),
            lag=await self._lag() if self._lag else {},
            interval_s=self._interval_s,
            sent_at=utc_now(),
        )
        source = f"/babbitt/{self._settings.service}/{self._settings.instance}"
        envelope = Envelope.of(heartbeat, id=new_id(), source=source, time=heartbeat.sent_at, sequence=self._count)
        try:
            await self._sender.send(
                [
                    Outgoing(
                        SYSTEM_HEARTBEATS.name,
                        heartbeat.key().encode(),
                        heartbeat.model_dump_json().encode(),
                        headers_of(envelope),
                    )
                ]
            )
        except (Unavailable, KafkaError) as error:
            _LOG.info("no heartbeat", reason=str(error))
