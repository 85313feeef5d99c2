import asyncio
import json
import uuid
from datetime import UTC, datetime

import numpy as np
from aiokafka import AIOKafkaProducer


async def publish(machine: str, samples: np.ndarray, sampling_rate_hz: float) -> None:
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(uuid.uuid4()),
        "ce_source": "/plant-2/gateway-7",
        "ce_type": "MeasurementTaken",
        "content-type": "application/octet-stream",
        "bbt_machine": machine,
        "bbt_taken_at": datetime.now(UTC).isoformat(),
        "bbt_sampling_rate_hz": str(sampling_rate_hz),
        "bbt_unit": "g",
        "bbt_dtype": "<f4",
        "bbt_shape": json.dumps(samples.shape),
    }
    async with AIOKafkaProducer(bootstrap_servers="127.0.0.1:9092") as producer:
        await producer.send_and_wait(
            "babbitt.measurements.v1",
            samples.astype("<f4").tobytes(),
            key=machine.encode(),
            headers=[(name, value.encode()) for name, value in headers.items()],
        )


waveform = np.random.default_rng().normal(size=(1, 20_480))  # channels x samples: yours come from a sensor
asyncio.run(publish("pump-7", waveform, sampling_rate_hz=20_480))
