"""A control plane that hears, and what is sent to it."""

import asyncio
import json
from contextlib import asynccontextmanager

from babbitt.chassis.control_plane import ControlPlane
from babbitt.chassis.outbox import Outbox
from babbitt.chassis.readiness import Readiness
from babbitt.chassis.relay import Relay
from babbitt.contracts.models import ModelPromoted
from babbitt.contracts.topics import MODELS_REQUESTS

PROMOTION = {"model": "pump", "version": 3, "reason": "better"}


def ce(event_id, type_="PromotionRequested", source="/test"):
    attributes = {"specversion": "1.0", "id": event_id, "source": source, "type": type_}
    return [(f"ce_{name}", value.encode()) for name, value in attributes.items()]


@asynccontextmanager
async def hearing(bench, handlers, *, topic=MODELS_REQUESTS, instance="registry-0", given_up=None):
    async with planned(bench, handlers, topic=topic, instance=instance, given_up=given_up) as (readiness, _):
        yield readiness


@asynccontextmanager
async def planned(bench, handlers, *, topic=MODELS_REQUESTS, instance="registry-0", given_up=None):
    readiness = Readiness()
    relay = Relay(bench.settings(instance), bench.sessions, readiness, poll_s=0.05)
    plane = ControlPlane(bench.settings(instance), bench.sessions, readiness, committed=relay.wake)
    plane.hears(topic, handlers, given_up=given_up)
    running = asyncio.create_task(relay.run())
    await plane.start()
    try:
        yield readiness, plane
    finally:
        await plane.stop()
        relay.stop()
        await running


async def promote(delivery, session):
    message = delivery.message
    said = ModelPromoted(
        model=message.model, version=message.version, alias=message.alias, replaced=None, reason=message.reason
    )
    await Outbox(session, "/babbitt/registry", delivery.envelope).publish(said, sequence=1)


async def answer_to(event_id, following):
    """The first event that answers a message."""
    (answer,) = await answers_to([event_id], following)
    return answer


async def answers_to(event_ids, following):
    """The first events that answer some messages, which may come in any order: their keys differ."""
    found = {}
    while len(found) < len(event_ids):
        record = await following()
        cause = dict(record.headers).get("ce_causationid", b"").decode()
        if cause in event_ids:
            found.setdefault(cause, json.loads(record.value))
    return [found[event_id] for event_id in event_ids]
