import asyncio
import json

from aiokafka import AIOKafkaProducer


async def train(dataset: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers="127.0.0.1:9092") as producer:
        request = {"model": "pump", "dataset": dataset, "preset": "spectral_base", "overrides": {"epochs": 20}}
        await producer.send_and_wait("babbitt.training.requests.v1", json.dumps(request).encode())


asyncio.run(train("DATASET_ID"))
