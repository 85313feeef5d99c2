"""How far the registry's group has come, by what the broker has of it."""

import asyncio

from aiokafka import AIOKafkaConsumer, TopicPartition

from babbitt.chassis.kafka import group_id, kafka_errors
from babbitt.chassis.settings import Settings
from babbitt.contracts.topics import Topic

LOOK_AGAIN_S = 0.5


async def caught_up(settings: Settings, topic: Topic) -> None:
    """Wait until the group has settled all that lies on a topic now, whichever replica reads it.

    A replica's own lag does not tell: it knows nothing of other replicas' partitions, nor of its own before it fetches.

    Raises:
        Unavailable: the broker is away.
    """
    name = topic.full_name(settings.kafka_prefix)
    partitions = [TopicPartition(name, number) for number in range(topic.partitions)]
    asking = AIOKafkaConsumer(  # it subscribes to nothing, so that it is no member
        bootstrap_servers=settings.kafka_bootstrap_servers,
        group_id=group_id(settings, topic),
        enable_auto_commit=False,
    )
    with kafka_errors():
        try:
            await asking.start()
            begins, ends = await asking.beginning_offsets(partitions), await asking.end_offsets(partitions)
            behind = [one for one in partitions if begins[one] < ends[one]]
            while True:
                behind = [one for one in behind if (await asking.committed(one) or 0) < ends[one]]
                if not behind:
                    return
                await asyncio.sleep(LOOK_AGAIN_S)
        finally:
            await asking.stop()
