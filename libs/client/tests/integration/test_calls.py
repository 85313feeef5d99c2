import hashlib
import inspect
import json
from uuid import uuid4

import numpy as np
import pytest
from starlette.responses import RedirectResponse, Response

from babbitt import client as sdk
from babbitt.client.clients import AsyncBabbitt, Babbitt
from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.simulations import JournalSource

from .conftest import KEY, QUICK, away, problem

NOW = "2026-01-02T03:04:05Z"
PREDICTION = {
    "prediction_id": str(uuid4()),
    "model": {"name": "pump", "version": 3, "digest": "ab" * 32},
    "fault": "oilwhirl",
    "confidence": 0.9,
    "probabilities": {"oilwhirl": 0.9, "sain": 0.1},
    "windows": 5,
    "input": {"sampling_rate_hz": 20480.0},
    "of_a_later_version": True,
}
JOB = {"id": str(uuid4()), "state": "requested", "model": "pump", "created_at": NOW, "updated_at": NOW}
PROMOTION = {
    "id": str(uuid4()), "kind": "promotion", "state": "applied", "model": "pump", "alias": "champion", "version": 7,
    "reason": "better", "created_at": NOW, "updated_at": NOW,
}  # fmt: skip
PREDICT = "POST /v1/models/pump@7/predictions"


def model(name: str) -> dict:
    return {"name": name, "versions": 1, "latest_version": 1, "registered_at": NOW}


async def test_a_prediction_sends_the_samples_as_they_are_and_describes_them_in_the_query(counterpart, client):
    counterpart.answers(PREDICT, PREDICTION)
    waveform = np.linspace(-1, 1, 1000, dtype=np.float32)
    answer = await client(
        "predict", "pump@7", waveform, sampling_rate_hz=20480, shaft_speed_hz=29.5,
        fault_orders=np.array([3.5, 5.5, 2.25, 0.39]), machine="line-3", deadline_s=2,
    )  # fmt: skip
    assert (answer.fault, answer.model.version, answer.input.sampling_rate_hz) == ("oilwhirl", 3, 20480.0)
    assert answer.of_a_later_version is True
    (sent,) = counterpart.requests
    assert sent.body == waveform.tobytes()
    assert sent.query == {
        "dtype": "<f4", "channels": "1", "sampling_rate_hz": "20480", "shaft_speed_hz": "29.5", "machine": "line-3",
        "fault_orders": "3.5,5.5,2.25,0.39",
    }  # fmt: skip
    assert sent.headers["content-type"] == "application/octet-stream"
    assert sent.headers["request-timeout"] == "2"
    assert sent.headers["authorization"] == f"Bearer {KEY}"


async def test_a_prediction_that_nobody_waits_for_says_so(counterpart, client):
    counterpart.answers(PREDICT, {"prediction_id": PREDICTION["prediction_id"], "state": "pending"})
    pending = await client("predict_later", "pump@7", [[1, 2], [3, 4]], sampling_rate_hz=10, channels=["x", "y"])
    assert str(pending.prediction_id) == PREDICTION["prediction_id"]
    (sent,) = counterpart.requests
    assert sent.headers["prefer"] == "respond-async"
    assert sent.query["channels"] == "x,y"


async def test_a_name_never_becomes_another_path(counterpart, client):
    counterpart.answers("GET /v1/models/..%2Fapi-keys%3Fa", model("x"))
    assert (await client("model", "../api-keys?a")).name == "x"


async def test_a_list_goes_through_all_pages(counterpart, client):
    counterpart.answers(
        "GET /v1/training-jobs",
        {"items": [JOB, JOB], "next_cursor": "two"},
        {"items": [JOB], "next_cursor": "three"},
        {"items": [], "next_cursor": None},
    )
    assert len(await client("training_jobs", model="pump")) == 3
    cursors = [request.query for request in counterpart.requests]
    assert cursors == [{"model": "pump"}, {"model": "pump", "cursor": "two"}, {"model": "pump", "cursor": "three"}]


async def test_a_list_without_pages_is_a_list(counterpart, client):
    counterpart.answers("GET /v1/models", {"items": [model("a"), model("b")]})
    assert [one.name for one in await client("models")] == ["a", "b"]


async def test_a_problem_is_raised_with_all_that_it_says(counterpart, client):
    wrong = [{"pointer": "/sampling_rate_hz", "detail": "too low", "accepted": "12000 or more"}]
    counterpart.answers(PREDICT, problem(422, "invalid-input", "no", errors=wrong))
    with pytest.raises(sdk.InvalidRequest, match=r"/sampling_rate_hz: too low \(accepted: 12000 or more\)") as raised:
        await client("predict", "pump@7", [1.0], sampling_rate_hz=10)
    assert raised.value.problem.type.endswith("invalid-input")
    assert len(counterpart.requests) == 1


async def test_a_deadline_that_passed_names_the_prediction_and_is_not_asked_again(counterpart, client):
    counterpart.answers(PREDICT, problem(504, "deadline-passed", "late", prediction_id="p-1"))
    with pytest.raises(sdk.DeadlinePassed) as raised:
        await client("predict", "pump@7", [1.0], sampling_rate_hz=10)
    assert raised.value.prediction_id == "p-1"
    assert len(counterpart.requests) == 1


async def test_a_reading_is_asked_again_while_the_service_is_away(counterpart, client):
    counterpart.answers("GET /v1/models/pump", away(), away(), model("pump"))
    assert (await client("model", "pump")).name == "pump"
    assert len(counterpart.requests) == 3


async def test_a_service_that_stays_away_is_told(counterpart, client):
    counterpart.answers("GET /v1/models/pump", away())
    with pytest.raises(sdk.Unavailable, match="postgresql is away"):
        await client("model", "pump")
    assert len(counterpart.requests) == QUICK.attempts


async def test_a_promotion_that_may_have_arrived_is_not_sent_again(counterpart, client):
    counterpart.answers("POST /v1/models/pump/promotions", away(), PROMOTION)
    with pytest.raises(sdk.Unavailable):
        await client("promote", "pump", 7, reason="better")
    assert len(counterpart.requests) == 1


async def test_a_training_job_that_is_sent_again_is_the_same_job(counterpart, client):
    counterpart.answers("POST /v1/training-jobs", away(), JOB)
    assert (await client("train", "pump", "ab" * 32, seed=7)).state == "requested"
    first, second = (json.loads(request.body) for request in counterpart.requests)
    assert first == second
    assert {"model": "pump", "dataset": "ab" * 32, "seed": 7, "job_id": first["job_id"]} == first


async def test_a_dataset_is_asked_for_by_its_configuration_and_held_until_it_is_there(counterpart, client):
    wanted = DatasetConfiguration(source=JournalSource(seed=3))
    counterpart.answers(
        "POST /v1/datasets", {"id": wanted.dataset_id(), "state": "ready", "created_at": NOW, "updated_at": NOW}
    )
    assert (await client("create_dataset", wanted, label="third", wait_s=20)).id == wanted.dataset_id()
    (sent,) = counterpart.requests
    said = json.loads(sent.body)
    assert said.pop("label") == "third"
    assert DatasetConfiguration.model_validate(said) == wanted
    assert sent.headers["prefer"] == "wait=20"


async def test_a_file_is_streamed_with_its_length_and_from_its_start_when_sent_again(counterpart, client, tmp_path):
    file = tmp_path / "recording.npy"
    file.write_bytes(bytes(range(256)) * 3000)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    counterpart.answers("POST /v1/uploads", away(), {"sha256": digest, "size_bytes": 768_000, "format": "npy"})
    sent: list[int] = []
    assert (await client("upload", file, sent=sent.append)).sha256 == digest
    for request in counterpart.requests:
        assert request.body == file.read_bytes()
        assert request.headers["content-length"] == "768000"
        assert "transfer-encoding" not in request.headers
    assert sent == [262_144, 524_288, 768_000] * 2


async def test_a_file_that_arrived_as_another_is_told(counterpart, client, tmp_path):
    file = tmp_path / "recording.npy"
    file.write_bytes(b"samples")
    counterpart.answers("POST /v1/uploads", {"sha256": "00" * 32, "size_bytes": 7})
    with pytest.raises(sdk.ServiceFault, match="it received 0000"):
        await client("upload", file)


async def test_an_answer_that_is_not_its_contract_names_the_place(counterpart, client):
    counterpart.answers("GET /v1/models/pump", {"name": "pump"}, Response("<html>", media_type="text/html"))
    with pytest.raises(sdk.ServiceFault, match="GET /v1/models/pump answered 200 with something unknown: versions"):
        await client("model", "pump")
    with pytest.raises(sdk.ServiceFault, match="something unknown"):
        await client("model", "pump")


async def test_a_redirect_does_not_lead_the_key_elsewhere(counterpart, client):
    counterpart.answers("GET /v1/models/pump", RedirectResponse("/v1/elsewhere", 302))
    with pytest.raises(sdk.BabbittError, match="302"):
        await client("model", "pump")
    assert not counterpart.of("GET /v1/elsewhere")


async def test_a_key_just_made_is_told_once_and_never_shown(counterpart, client):
    made = {"id": "1", "name": "line", "scopes": ["read"], "created_at": NOW, "key": "bbt_9_hidden"}
    counterpart.answers("POST /v1/api-keys", made)
    key = await client("create_key", "line", ["read"])
    assert "hidden" not in repr(key)
    assert "hidden" not in key.model_dump_json()
    assert key.key.get_secret_value() == "bbt_9_hidden"


def test_nobody_there_names_the_address():
    with (
        Babbitt("http://127.0.0.1:1", retries=QUICK) as babbitt,
        pytest.raises(sdk.Unavailable, match=r"no answer from http://127.0.0.1:1/v1/models"),
    ):
        list(babbitt.models())


async def test_both_clients_have_the_same_methods_with_the_same_parameters():
    def methods(client):
        return {
            name: list(inspect.signature(getattr(client, name)).parameters) for name in dir(client) if name[0] != "_"
        }

    with Babbitt("http://127.0.0.1:1") as blocking:
        async with AsyncBabbitt("http://127.0.0.1:1") as awaited:
            assert methods(blocking) == methods(awaited)
            assert methods(blocking)["training_job"] == ["job_id", "wait_s"]
