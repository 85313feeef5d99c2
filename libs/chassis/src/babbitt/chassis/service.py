"""What a service with a database and a control plane consists of, in the order in which it starts and ends."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from babbitt.chassis.control_plane import ControlPlane
from babbitt.chassis.database import make_engine, make_sessions, transaction, watch_database
from babbitt.chassis.errors import Unavailable
from babbitt.chassis.health import health_server
from babbitt.chassis.heartbeat import Heartbeat
from babbitt.chassis.inbox import forget_old
from babbitt.chassis.kafka import until_topics, watch_kafka
from babbitt.chassis.lifecycle import background_tasks, unless
from babbitt.chassis.logs import logger
from babbitt.chassis.objects import ObjectStore
from babbitt.chassis.readiness import Readiness
from babbitt.chassis.relay import OnTakeover, Relay
from babbitt.chassis.settings import DatabaseSettings
from babbitt.contracts.topics import TOPICS

_LOG = logger(__name__)

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Chassis:
    """The parts that a service's `main` composes with its own."""

    settings: DatabaseSettings
    readiness: Readiness
    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    relay: Relay
    control_plane: ControlPlane
    objects: ObjectStore
    heartbeat: Heartbeat


def make_chassis(
    settings: DatabaseSettings,
    *checks: str,
    decisive: Collection[str] | None = None,
    on_takeover: OnTakeover | None = None,
) -> Chassis:
    """Build the parts; nothing connects yet.

    Args:
        settings: the service's.
        checks: the service's own conditions of readiness.
        decisive: the checks that decide about readiness, where it is not all of them.
        on_takeover: see `Relay`.
    """
    readiness = Readiness("kafka", "postgresql", "outbox", "consumers", *checks, decisive=decisive)
    engine = make_engine(settings)
    sessions = make_sessions(engine)
    relay = Relay(settings, sessions, readiness, on_takeover=on_takeover)
    control_plane = ControlPlane(settings, sessions, readiness, committed=relay.wake)
    return Chassis(
        settings=settings,
        readiness=readiness,
        engine=engine,
        sessions=sessions,
        relay=relay,
        control_plane=control_plane,
        objects=ObjectStore(settings.object_store_url, settings.service),
        heartbeat=Heartbeat(settings, readiness, lag=control_plane.lag),
    )


@asynccontextmanager
async def running(chassis: Chassis, stop: asyncio.Event, *, health: bool = True) -> AsyncGenerator[asyncio.TaskGroup]:
    """Run the parts while the context is open; yields a task group for the service's own background work.

    What the start waits for (broker, topics) is waited for until `stop` is set.

    Start: health server, watches, relay, consumers. End: consumers finish what they handle, the service's own tasks are
    cancelled, the relay sends what is left, the connections close, the health server last. A background task that fails
    ends the process: it is restarted from outside.
    """
    settings, readiness = chassis.settings, chassis.readiness
    async with AsyncExitStack() as stack:
        if health:
            await stack.enter_async_context(health_server(readiness, settings.health_host, settings.health_port))
        stack.push_async_callback(chassis.engine.dispose)
        background = await stack.enter_async_context(background_tasks())
        background.create_task(chassis.heartbeat.run())
        background.create_task(watch_database(chassis.engine, readiness))
        await unless(stop, until_topics(settings, TOPICS, readiness))
        background.create_task(watch_kafka(settings, readiness))
        await stack.enter_async_context(_relaying(chassis.relay))
        background.create_task(_sweep_inbox(chassis.sessions))
        own = await stack.enter_async_context(background_tasks())
        stack.push_async_callback(chassis.control_plane.stop)
        await unless(stop, _start_consumers(chassis))
        yield own


@asynccontextmanager
async def _relaying(relay: Relay) -> AsyncGenerator[None]:
    """Relay while the context is open; at its end, whatever its cause, the rest is sent and the lease given back."""
    async with asyncio.TaskGroup() as group:
        running = group.create_task(relay.run())
        try:
            yield
        finally:
            relay.stop()
            await asyncio.wait([running])


async def _start_consumers(chassis: Chassis) -> None:
    while True:
        try:
            await chassis.control_plane.start()
        except Unavailable as error:
            chassis.readiness.unready("consumers", str(error))
            await asyncio.sleep(0.5)
        else:
            chassis.readiness.ready("consumers")
            return


async def _sweep_inbox(sessions: async_sessionmaker[AsyncSession]) -> None:
    while True:
        try:
            async with transaction(sessions) as session:
                await forget_old(session)
        except Unavailable as error:
            _LOG.info("the inbox is swept later", reason=str(error))
        await asyncio.sleep(HOUR_S)
