"""`TrainRequested` by a plain Kafka producer: one JSON line, no envelope, no client of ours."""

import asyncio
import json
from uuid import UUID

from aiokafka import AIOKafkaProducer


def publish_train_requested(
    bootstrap_servers: str, topic: str, *, job_id: UUID, model: str, dataset: str, preset: str, epochs: int | None
) -> None:
    """Publish the request and wait until the broker has it."""
    request: dict[str, object] = {"job_id": str(job_id), "model": model, "dataset": dataset, "preset": preset}
    if epochs is not None:
        request["overrides"] = {"epochs": epochs}
    asyncio.run(_send(bootstrap_servers, topic, json.dumps(request).encode()))


async def _send(bootstrap_servers: str, topic: str, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, acks="all")
    await producer.start()
    try:
        await producer.send_and_wait(topic, value)
    finally:
        await producer.stop()
