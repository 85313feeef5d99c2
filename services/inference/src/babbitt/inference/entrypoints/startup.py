"""What has to be there before the first request is taken."""

import asyncio

from babbitt.chassis.kafka import until_topics
from babbitt.chassis.readiness import Readiness
from babbitt.contracts.topics import TOPICS
from babbitt.inference.application.serve_models import ServeModels
from babbitt.inference.entrypoints.delivery import Announcer
from babbitt.inference.entrypoints.kafka_aliases import AliasTopic
from babbitt.inference.settings import InferenceSettings


async def prepare(
    settings: InferenceSettings,
    readiness: Readiness,
    announcer: Announcer,
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
