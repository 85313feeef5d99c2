"""What has to be there before the first request is taken."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from babbitt.chassis.kafka import until_topics
from babbitt.chassis.readiness import Readiness
from babbitt.contracts.topics import TOPICS
from babbitt.inference.adapters.kafka_aliases import AliasTopic
from babbitt.inference.adapters.kafka_announcer import KafkaAnnouncer
from babbitt.inference.application.serve_models import ServeModels
from babbitt.inference.settings import InferenceSettings


async def prepare(
    settings: InferenceSettings,
    readiness: Readiness,
    announcer: KafkaAnnouncer,
    aliases: AliasTopic,
    models: ServeModels,
    tasks: asyncio.TaskGroup,
) -> None:
    """Wait for the topics, connect, read all aliases, and load what they point at."""
    ours = [topic for topic in TOPICS if settings.service in (*topic.writers, *topic.readers)]
    await until_topics(settings, ours, readiness)
    await announcer.say([])
    tasks.create_task(aliases.run())
    await aliases.caught_up.wait()
    await models.settled()
    readiness.ready("aliases")


async def unless(stop: asyncio.Event, waiting: Coroutine[Any, Any, None]) -> bool:
    """Wait for something, unless `stop` is set first; False: it was."""
    async with asyncio.TaskGroup() as group:
        first = group.create_task(waiting)
        second = group.create_task(stop.wait())
        await asyncio.wait((first, second), return_when=asyncio.FIRST_COMPLETED)
        done = first.done()
        first.cancel()
        second.cancel()
    return done
