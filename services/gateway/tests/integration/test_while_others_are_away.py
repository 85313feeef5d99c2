"""What goes on while PostgreSQL or Kafka is away, and how it comes back.

Runs last by its name: groups need half a minute until they have met again.
"""

import asyncio

import numpy as np
import pytest

from babbitt.contracts.datasets import DatasetFailed
from babbitt.contracts.topics import TRAINING_REQUESTS

pytestmark = pytest.mark.integration

PREDICT = "/v1/models/pump/predictions"
QUERY = {"sampling_rate_hz": 20480, "machine": "pump-1"}
WAVEFORM = np.zeros(2048, "<f4").tobytes()
HEADERS = {"Content-Type": "application/octet-stream"}


async def ask(api, **headers):
    return await api.post(PREDICT, params=QUERY, content=WAVEFORM, headers=HEADERS | headers)


async def test_predictions_go_on_while_postgresql_is_away_and_the_log_catches_up(
    world, gateway, api, inference, postgres, until
):
    assert (await ask(api)).status_code == 200
    unused = await world.key()
    await asyncio.to_thread(postgres.stop)
    try:

        async def noticed():
            return "postgresql" in (await api.get("/health/ready")).json()["impaired"]

        await until(noticed)
        answers = [await ask(api) for _ in range(20)]
        assert [answer.status_code for answer in answers] == [200] * 20
        assert (await api.get("/health/ready")).status_code == 200
        assert (await api.get("/v1/models/pump/aliases")).status_code == 200
        stranger = await ask(api, Authorization=f"Bearer {unused}")
        assert (stranger.status_code, stranger.json()["type"]) == (503, "urn:babbitt:problem:unavailable")
        for answer in (
            await ask(api, Prefer="respond-async"),
            await api.get("/v1/datasets"),
            await api.post("/v1/datasets", json={"source": {"kind": "simulated"}}),
        ):
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2"), answer.text
    finally:
        await asyncio.to_thread(postgres.start)
    wanted = {answer.json()["prediction_id"] for answer in answers}

    async def logged():
        page = await api.get("/v1/predictions", params={"machine": "pump-1", "limit": 200})
        return page.status_code == 200 and wanted <= {item["prediction_id"] for item in page.json()["items"]}

    await until(logged)

    async def whole():
        return not (await api.get("/health/ready")).json()["impaired"]

    await until(whole)
    assert (await ask(api, Authorization=f"Bearer {unused}")).status_code == 200


async def test_a_key_is_believed_for_as_long_as_was_set_and_no_longer(world, postgres):
    short = {"BABBITT_GATEWAY_KEY_FRESH_S": "0.001", "BABBITT_GATEWAY_KEY_STALE_S": "0.5"}
    async with world.replica("gateway-1", **short) as replica:
        assert (await replica.client.get("/v1/system/services")).status_code == 200
        await asyncio.to_thread(postgres.stop)
        try:
            async with asyncio.timeout(60):
                while (await replica.client.get("/v1/system/services")).status_code == 200:
                    await asyncio.sleep(0.05)
            assert (await replica.client.get("/v1/system/services")).status_code == 503
        finally:
            await asyncio.to_thread(postgres.start)


async def test_kafka_restarted_in_mid_stream_loses_nothing(world, gateway, api, inference, kafka, until):
    assert (await ask(api)).status_code == 200
    events = []

    async def follow():
        async with api.stream("GET", "/v1/events?topics=datasets.events", timeout=60) as response:
            async for line in response.aiter_lines():
                events.append(line)  # noqa: PERF401 - as they come, not once the stream has ended

    following = asyncio.create_task(follow())
    await asyncio.to_thread(kafka.stop)
    try:

        async def unready():
            return (await api.get("/health/ready")).status_code == 503

        await until(unready)
        answer = await ask(api)
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:babbitt:problem:unavailable")
        assert answer.headers["retry-after"]
        wanted = {"model": "pump", "dataset": "a" * 64}
        job = await api.post("/v1/training-jobs", json=wanted)
        assert job.status_code == 202
    finally:
        await asyncio.to_thread(kafka.start)
    await until(gateway.ready)

    async def answered():
        return (await ask(api, **{"Request-Timeout": "2"})).status_code == 200

    await until(answered)
    await world.say(DatasetFailed(dataset_id="f" * 64, reason="after"))

    async def told():
        return any("after" in line for line in events)

    await until(told)

    async def requested():
        return any(job.json()["id"].encode() == record.key for record in await world.records(TRAINING_REQUESTS))

    await until(requested)
    following.cancel()
