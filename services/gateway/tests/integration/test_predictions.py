"""Predictions over real HTTP and Kafka."""

import asyncio
import json

import httpx
import numpy as np
import pytest

from babbitt.chassis.database import transaction
from babbitt.contracts.names import new_id
from babbitt.contracts.predictions import PredictionRequested
from babbitt.gateway.metrics import LOGGED
from babbitt.gateway.predictions.queries import add_pending

pytestmark = pytest.mark.integration

WAVEFORM = np.sin(np.arange(4096) / 10).astype("<f4")
HEADERS = {"Content-Type": "application/octet-stream"}
QUERY = {"sampling_rate_hz": 20480}


async def test_a_waveform_as_json_is_answered_by_the_result_that_comes_back(api, inference):
    body = {"waveform": WAVEFORM.tolist(), "sampling_rate_hz": 20480, "shaft_speed_rpm": 1800, "machine": "pump-7"}
    answer = await api.post("/v1/models/pump/predictions", json=body)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said["fault"] == "imbalance"
    assert said["model"] == {"name": "pump", "version": 1, "digest": f"{1:064x}"}
    assert said["windows"] == 4
    assert said["input"]["shaft_speed_hz"] == 30
    assert (said["prediction_set"], said["coverage"]) == (["imbalance", "healthy"], 0.95)
    assert (said["novel"], said["novelty"], said["severity"]) == (False, 0.5, None)
    request, encoding, record = inference.seen[-1]
    assert str(request.prediction_id) == said["prediction_id"] == record.key.decode()
    assert request.reply_to == "gateway-0"
    np.testing.assert_array_equal(np.frombuffer(record.value, encoding.dtype), WAVEFORM)


async def test_samples_as_they_are_go_through_as_they_are(api, inference):
    stored = (WAVEFORM * 1000).astype("<i2")
    query = QUERY | {"dtype": "<i2", "scale": 0.001, "machine": "pump-7"}
    answer = await api.post("/v1/models/pump/predictions", params=query, content=stored.tobytes(), headers=HEADERS)
    assert answer.status_code == 200, answer.text
    _, encoding, record = inference.seen[-1]
    assert record.value == stored.tobytes()
    assert (encoding.dtype, encoding.scale, encoding.shape) == ("<i2", 0.001, (1, 4096))


async def test_a_higher_rate_is_resampled_and_said_so(api, inference):
    body = {"waveform": np.repeat(WAVEFORM, 2).tolist(), "sampling_rate_hz": 40960}
    answer = await api.post("/v1/models/pump/predictions", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["input"] == {
        "sampling_rate_hz": 20480.0,
        "resampled_from_hz": 40960.0,
        "shaft_speed_hz": None,
        "shaft_speed_source": None,
    }
    assert answer.json()["warnings"] == ["resampled from 40960 Hz to 20480 Hz"]
    assert inference.seen[-1][1].shape == (1, 4096)


async def test_a_large_waveform_goes_through_the_store(api, inference):
    large = np.tile(WAVEFORM, 60)
    answer = await api.post("/v1/models/pump/predictions", params=QUERY, content=large.tobytes(), headers=HEADERS)
    assert answer.status_code == 200, answer.text
    assert answer.json()["windows"] == 240
    _, encoding, record = inference.seen[-1]
    assert not record.value
    assert encoding.claim_key == f"gateway/claims/{encoding.claim_sha256}"


async def test_nobody_waits_for_an_asynchronous_prediction_and_its_answer_is_kept(api, inference):
    body = {"waveform": WAVEFORM.tolist(), "sampling_rate_hz": 20480, "machine": "fan-1"}
    accepted = await api.post("/v1/models/pump/predictions", json=body, headers={"Prefer": "respond-async"})
    assert accepted.status_code == 202, accepted.text
    place = accepted.headers["location"]
    assert place == f"/v1/predictions/{accepted.json()['prediction_id']}"
    kept = (await api.get(place, headers={"Prefer": "wait=60"})).json()
    assert (kept["state"], kept["answer"]["fault"], kept["machine"]) == ("completed", "imbalance", "fan-1")
    assert kept["requested_by"].startswith("key:")
    page = (await api.get("/v1/predictions", params={"machine": "fan-1"})).json()
    assert [item["prediction_id"] for item in page["items"]] == [kept["prediction_id"]]


async def test_many_callers_each_get_their_own_answer(api, inference):
    async def ask(number):
        samples = np.full(1024 * (1 + number % 5), number, "<f4").tobytes()
        answer = await api.post("/v1/models/pump/predictions", params=QUERY, content=samples, headers=HEADERS)
        return answer.json()["windows"]

    assert await asyncio.gather(*map(ask, range(40))) == [1 + number % 5 for number in range(40)]


async def test_a_deadline_that_passes_is_told_with_the_id_and_the_late_answer_is_kept_under_it(api, inference):
    inference.answering = False
    answer = await api.post(
        "/v1/models/pump/predictions",
        params=QUERY,
        content=WAVEFORM.tobytes(),
        headers=HEADERS | {"Request-Timeout": "2"},  # long enough for the broker to take the question
    )
    assert answer.status_code == 504
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "urn:babbitt:problem:deadline-passed"
    assert problem["instance"] == f"/v1/predictions/{problem['prediction_id']}"
    asked = await inference.asked(problem["prediction_id"])
    inference.answering = True
    await inference.answer(*asked)
    kept = (await api.get(problem["instance"], headers={"Prefer": "wait=60"})).json()
    assert kept["state"] == "completed"


async def test_the_first_result_is_the_answer(api, inference, until):
    accepted = await api.post(
        "/v1/models/pump/predictions",
        json={"waveform": WAVEFORM.tolist(), "sampling_rate_hz": 20480},
        headers={"Prefer": "respond-async"},
    )
    place = accepted.headers["location"]
    assert (await api.get(place, headers={"Prefer": "wait=60"})).json()["answer"]["fault"] == "imbalance"
    repeats = LOGGED.labels("repeat")
    before = repeats._value.get()
    await inference.answer(*await inference.asked(accepted.json()["prediction_id"]), fault="healthy")

    async def repeated():
        return repeats._value.get() > before

    await until(repeated)
    assert (await api.get(place)).json()["answer"]["fault"] == "imbalance"


async def test_an_unknown_model_alias_and_id_are_not_found(api, inference):
    body = {"waveform": WAVEFORM.tolist(), "sampling_rate_hz": 20480}
    unknown = await api.post("/v1/models/fan/predictions", json=body)
    assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:babbitt:problem:unknown-model")
    alias = await api.post("/v1/models/pump@shadow/predictions", json=body)
    assert (alias.status_code, alias.json()["type"]) == (404, "urn:babbitt:problem:unknown-reference")
    assert "champion" in alias.json()["detail"]
    for place in ("predictions/00000000-0000-7000-8000-000000000000", "predictions/x", "datasets/x", "models/nothing"):
        assert (await api.get(f"/v1/{place}")).status_code == 404, place


async def test_a_model_that_no_replica_serves_is_unavailable(api, inference, assigned, until):
    await inference.assign(assigned(model="idle"), serve=False)

    async def known():
        return (await api.get("/v1/models/idle/aliases")).status_code == 200

    await until(known)
    body = {"waveform": WAVEFORM.tolist(), "sampling_rate_hz": 20480}
    answer = await api.post("/v1/models/idle/predictions", json=body)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert json.loads(answer.text)["type"] == "urn:babbitt:problem:not-served"


async def test_a_prediction_that_is_never_answered_expires(world, api, inference):
    request = PredictionRequested(
        prediction_id=new_id(), model="pump", reference="champion", sampling_rate_hz=20480.0, deadline_ms=1
    )
    async with transaction(world.sessions) as session:
        await add_pending(session, request, "key:test")
    kept = (await api.get(f"/v1/predictions/{request.prediction_id}", headers={"Prefer": "wait=60"})).json()
    assert kept["state"] == "expired"


async def test_the_trace_of_the_caller_goes_on_in_kafka_and_the_route_is_measured_by_its_template(api, inference):
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = HEADERS | {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    answer = await api.post("/v1/models/pump/predictions", params=QUERY, content=WAVEFORM.tobytes(), headers=headers)
    _, _, record = await inference.asked(answer.json()["prediction_id"])
    assert dict(record.headers)["traceparent"].decode().split("-")[1] == trace
    metrics = (await api.get("/metrics")).text
    assert 'babbitt_http_seconds_count{method="POST",route="/v1/models/{model}/predictions",status="200"}' in metrics


async def ask(api):
    return await api.post("/v1/models/pump/predictions", params=QUERY, content=WAVEFORM.tobytes(), headers=HEADERS)


async def test_a_replica_that_ends_answers_those_who_wait(world, assigned, inference, until):
    async with world.replica("gateway-2") as replica:

        async def served():
            return (await ask(replica.client)).status_code == 200

        await until(served)
        inference.delay_s = 4.0  # longer than all the rest takes to end
        try:
            asked = len(inference.seen)
            waiting = asyncio.create_task(ask(replica.client))

            async def underway():
                return len(inference.seen) > asked

            await until(underway)
            replica.stop.set()
            answer = await waiting
            assert answer.status_code == 200
        finally:
            inference.delay_s = 0.0


async def test_a_replica_that_ends_under_load_answers_all_that_it_takes(world, inference, until):
    async with world.replica("gateway-2") as replica:

        async def served():
            return (await ask(replica.client)).status_code == 200

        await until(served)
        statuses = []

        async def load():
            while True:
                try:
                    answer = await ask(replica.client)
                except httpx.TransportError:  # it takes no more
                    return
                statuses.append(answer.status_code)

        loading = [asyncio.create_task(load()) for _ in range(8)]

        async def underway():
            return len(statuses) >= 50

        await until(underway)
        replica.stop.set()
        await asyncio.gather(*loading)
    assert set(statuses) == {200}
