"""Commands: a row, a request event, and what the events that follow make of it."""

import asyncio
import json
from uuid import UUID

import pytest

from babbitt.contracts.datasets import (
    DatasetCancelled,
    DatasetConfiguration,
    DatasetProgressed,
    DatasetReady,
    ObjectReference,
)
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.models import ModelGateEvaluated, ModelPromoted, ModelRegistered
from babbitt.contracts.problems import Problem, RequestRefused
from babbitt.contracts.topics import (
    DATASETS_EVENTS,
    DATASETS_REQUESTS,
    MODELS_EVENTS,
    MODELS_REQUESTS,
    TRAINING_REQUESTS,
)
from babbitt.contracts.training import (
    EpochCompleted,
    EvaluationSummary,
    TrainCompleted,
    TrainQueued,
    TrainStarted,
)

pytestmark = pytest.mark.integration

DIGEST = "a" * 64
REFERENCE = ObjectReference(key="training/x/y", sha256=DIGEST, size_bytes=3)
SUMMARY = EvaluationSummary(
    test_split_sha256=DIGEST,
    split_kind="group",
    records=40,
    windows=200,
    record_accuracy=0.99,
    window_accuracy=0.97,
    macro_f1=0.98,
)


def simulated(seed):
    return {"source": {"kind": "simulated", "records_per_class": 8, "seed": seed}}


def headers_of(record):
    return {name: value.decode() for name, value in record.headers}


async def request_of(world, topic, place):
    """The request event that a command caused, by its id or subject."""
    for record in reversed(await world.records(topic)):
        if place in (record.key or b"").decode() or headers_of(record).get("ce_id") == place:
            return record
    raise AssertionError(place)


async def test_a_dataset_that_was_asked_for_is_there_at_once_and_moves_on_with_its_events(world, api, until, assigned):
    answer = await api.post("/v1/datasets", json=simulated(1) | {"label": "first"})
    assert answer.status_code == 202, answer.text
    dataset_id = answer.json()["id"]
    assert answer.headers["location"] == f"/v1/datasets/{dataset_id}"
    assert dataset_id == DatasetConfiguration.model_validate(simulated(1)).dataset_id()
    shown = (await api.get(f"/v1/datasets/{dataset_id}")).json()
    assert (shown["state"], shown["label"], shown["source_kind"]) == ("requested", "first", "simulated")
    record = await request_of(world, DATASETS_REQUESTS, dataset_id)
    assert headers_of(record)["ce_type"] == "DatasetRequested"
    said = json.loads(record.value)
    assert said["requested_by"] == shown["requested_by"]
    assert said["requested_by"].startswith("key:")

    await world.say(DatasetProgressed(dataset_id=dataset_id, shards_done=1, shards=4), sequence=2)
    await state(api, until, f"/v1/datasets/{dataset_id}", "building")
    spec = assigned().data_spec
    ready = DatasetReady(
        dataset_id=dataset_id, manifest=REFERENCE, data_spec=spec, split_kind="record", counts={"train": {"sain": 5}}
    )
    await world.say(ready, sequence=9)
    shown = await state(api, until, f"/v1/datasets/{dataset_id}", "ready")
    assert shown["counts"] == {"train": {"sain": 5}}
    assert (shown["shards_done"], shown["shards"]) == (4, 4)

    await world.say(DatasetProgressed(dataset_id=dataset_id, shards_done=3, shards=4), sequence=5)
    await world.say(DatasetCancelled(dataset_id="b" * 64), sequence=1)
    await state(api, until, f"/v1/datasets/{'b' * 64}", "cancelled")
    late = (await api.get(f"/v1/datasets/{dataset_id}")).json()
    assert (late["state"], late["shards_done"]) == ("ready", 4)

    again = await api.post("/v1/datasets", json=simulated(1), headers={"Prefer": "wait=5"})
    assert again.status_code == 201
    assert again.headers["preference-applied"] == "wait=5"
    assert again.json()["label"] == "first"


async def test_a_caller_who_waits_is_told_why_a_dataset_was_refused(world, api, until):
    asking = asyncio.create_task(api.post("/v1/datasets", json=simulated(2), headers={"Prefer": "wait=60"}))
    dataset_id = DatasetConfiguration.model_validate(simulated(2)).dataset_id()
    await until(lambda: exists(api, f"/v1/datasets/{dataset_id}"))
    record = await request_of(world, DATASETS_REQUESTS, dataset_id)
    problem = Problem.of("quota", 409, "Too much", "no more datasets today")
    refused = RequestRefused(
        request_id=headers_of(record)["ce_id"], request_type="DatasetRequested", subject=dataset_id, problem=problem
    )
    await world.say(refused, topic=DATASETS_EVENTS, sequence=0)
    answer = await asking
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:babbitt:problem:quota"
    assert answer.json()["instance"] == f"/v1/datasets/{dataset_id}"
    assert (await api.get(f"/v1/datasets/{dataset_id}")).json()["state"] == "refused"


async def test_a_refusal_does_not_change_a_dataset_that_is_there(world, api, until, assigned):
    dataset_id = (await api.post("/v1/datasets", json=simulated(3))).json()["id"]
    ready = DatasetReady(
        dataset_id=dataset_id, manifest=REFERENCE, data_spec=assigned().data_spec, split_kind="record", counts={}
    )
    await world.say(ready, sequence=2)
    await state(api, until, f"/v1/datasets/{dataset_id}", "ready")
    asking = asyncio.create_task(api.delete(f"/v1/datasets/{dataset_id}", headers={"Prefer": "wait=60"}))

    async def deletion():
        records = await world.records(DATASETS_REQUESTS)
        ours = [one for one in records if one.key.decode() == dataset_id]
        return [one for one in ours if headers_of(one)["ce_type"] == "DatasetDeleteRequested"]

    record = (await until(deletion))[-1]
    assert json.loads(record.value)["dataset_id"] == dataset_id
    problem = Problem.of("in-use", 409, "In use", "a job reads it")
    await world.say(
        RequestRefused(
            request_id=headers_of(record)["ce_id"],
            request_type="DatasetDeleteRequested",
            subject=dataset_id,
            problem=problem,
        ),
        topic=DATASETS_EVENTS,
        sequence=0,
    )
    answer = await asking
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:babbitt:problem:in-use")
    assert (await api.get(f"/v1/datasets/{dataset_id}")).json()["state"] == "ready"


async def test_a_dataset_of_recordings_that_nobody_uploaded_names_them(api):
    mapping = {
        "rules": [{"pattern": "*", "label": "a", "variable": "*", "sampling_rate_hz": 12000}],
        "sampling_rate_hz": 12000,
        "record_duration_s": 1,
    }
    source = {"kind": "imported", "files": [{"name": "a.mat", "sha256": "c" * 64}], "mapping": mapping}
    answer = await api.post("/v1/datasets", json={"source": source})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/source/files/0/sha256"


async def test_a_training_job_is_followed_from_the_request_to_the_model(world, api, until, assigned):
    asked = {"model": "followed", "dataset": DIGEST, "preset": "spectral_tiny", "overrides": {"epochs": 2}}
    asking = asyncio.create_task(api.post("/v1/training-jobs", json=asked, headers={"Prefer": "wait=60"}))

    async def requested():
        return [job for job in (await api.get("/v1/training-jobs")).json()["items"] if job["model"] == "followed"]

    job_id = (await until(requested))[0]["id"]
    record = await request_of(world, TRAINING_REQUESTS, job_id)
    assert json.loads(record.value)["overrides"]["epochs"] == 2
    job = {"job_id": UUID(job_id), "model": "followed"}
    await world.say(TrainQueued(**job, dataset=DIGEST, preset="spectral_tiny", waits_for_dataset=True), sequence=1)
    answer = await asking
    assert answer.status_code == 201, answer.text
    assert answer.json()["waits_for_dataset"] is True
    assert answer.headers["location"] == f"/v1/training-jobs/{job_id}"
    await world.say(TrainStarted(**job, attempt=1, epochs=2), sequence=2)
    for epoch in (1, 2):
        losses = {"train_loss": 1 / epoch, "validation_loss": 1.5 / epoch, "validation_accuracy": 0.4 * epoch}
        said = EpochCompleted(**job, epoch=epoch, epochs=2, learning_rate=0.001, seconds=1.0, **losses)
        await world.say(said, sequence=2 + epoch)
    spec = assigned()
    completed = TrainCompleted(
        **job,
        dataset=DIGEST,
        preset="spectral_tiny",
        artifact=REFERENCE,
        report=REFERENCE,
        predictions=REFERENCE,
        data_spec=spec.data_spec,
        model_spec=spec.model_spec,
        evaluation=SUMMARY,
        parity={"max_abs_difference": 0.0, "bound": 1e-4, "windows": 4},
        epochs=2,
        seconds=3.0,
    )
    await world.say(completed, sequence=5)
    shown = await state(api, until, f"/v1/training-jobs/{job_id}", "completed")
    assert shown["evaluation"]["record_accuracy"] == 0.99
    assert (shown["epoch"], shown["waits_for_dataset"]) == (2, False)
    curves = (await api.get(f"/v1/training-jobs/{job_id}/curves")).json()
    assert [(item["epoch"], item["train_loss"]) for item in curves["items"]] == [(1, 1.0), (2, 0.5)]
    too_late = await api.delete(f"/v1/training-jobs/{job_id}")
    assert (too_late.status_code, too_late.json()["type"]) == (409, "urn:babbitt:problem:conflict")


async def test_the_same_training_request_with_the_same_id_is_the_same_job(world, api, until):
    asked = {"model": "pump", "dataset": DIGEST, "job_id": "01a1fdf3-0000-7000-8000-000000000001"}
    assert (await api.post("/v1/training-jobs", json=asked)).status_code == 202
    assert (await api.post("/v1/training-jobs", json=asked)).status_code == 202
    other = await api.post("/v1/training-jobs", json=asked | {"seed": 1})
    assert other.status_code == 409
    cancelled = await api.delete(f"/v1/training-jobs/{asked['job_id']}")
    assert cancelled.status_code == 202
    assert cancelled.json()["cancel_requested_at"]

    async def both():
        said = [
            headers_of(one)["ce_type"]
            for one in await world.records(TRAINING_REQUESTS)
            if asked["job_id"] in str(one.key)
        ]
        return said if "TrainCancelRequested" in said else None

    from_here = await until(both)
    assert sorted(from_here) == ["TrainCancelRequested", "TrainRequested"]


async def test_a_promotion_is_applied_by_the_event_that_it_caused(world, api, until, assigned):
    await register(world, assigned("crane"), versions=(1, 2))
    gate = ModelGateEvaluated(model="crane", version=2, gate="no_worse", outcome="passed", detail="0.99 against 0.98")
    await world.say(gate, sequence=3)
    await until(lambda: exists(api, "/v1/models/crane/versions/2"))
    missing = await api.post("/v1/models/none/promotions", json={"version": 1, "reason": "x"})
    assert missing.status_code == 404

    wanted = {"version": 2, "reason": "it is better"}
    asking = asyncio.create_task(api.post("/v1/models/crane/promotions", json=wanted, headers={"Prefer": "wait=60"}))

    async def asked():
        return [one for one in await world.records(MODELS_REQUESTS) if b"better" in one.value]

    record = (await until(asked))[0]
    said = json.loads(record.value)
    assert said["request_id"] == headers_of(record)["ce_id"]
    shown = (await api.get(f"/v1/promotions/{said['request_id']}")).json()
    assert shown["state"] == "requested"
    promoted = ModelPromoted(model="crane", version=2, alias="champion", replaced=None, reason="it is better")
    await world.say(promoted, sequence=4, cause=cause_of(record))
    answer = await asking
    assert answer.status_code == 201, answer.text
    assert (answer.json()["state"], answer.json()["version"]) == ("applied", 2)

    history = (await api.get("/v1/models/crane/history")).json()
    assert [item["kind"] for item in history["items"]] == ["promoted"]
    assert history["aliases"] == {"champion": 2}
    before = (await api.get("/v1/models/crane/history", params={"at": "2020-01-01T00:00:00Z"})).json()
    assert before == {"items": [], "aliases": {}}
    version = (await api.get("/v1/models/crane/versions")).json()["items"][0]
    assert (version["version"], version["gates"][0]["outcome"]) == (2, "passed")
    await world.say(assigned("crane", version=2), sequence=4)

    async def routed():
        return (await api.get("/v1/models/crane")).json()["champion"]

    assert await until(routed) == 2


async def test_a_rollback_that_the_registry_refuses_is_told_with_its_status(world, api, until, assigned):
    await register(world, assigned("derrick"))
    await until(lambda: exists(api, "/v1/models/derrick/versions/1"))
    wanted = {"reason": "go back"}
    asking = asyncio.create_task(api.post("/v1/models/derrick/rollbacks", json=wanted, headers={"Prefer": "wait=60"}))

    async def asked():
        return [one for one in await world.records(MODELS_REQUESTS) if b"go back" in one.value]

    record = (await until(asked))[0]
    problem = Problem.of("nothing-before", 409, "Nothing before", "champion had no version before")
    refused = RequestRefused(
        request_id=headers_of(record)["ce_id"], request_type="RollbackRequested", subject="derrick", problem=problem
    )
    await world.say(refused, topic=MODELS_EVENTS, sequence=0)
    answer = await asking
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:babbitt:problem:nothing-before")
    shown = (await api.get(answer.json()["instance"])).json()
    assert (shown["kind"], shown["state"]) == ("rollback", "refused")


async def test_without_a_wish_to_wait_a_command_is_answered_at_once(api):
    answer = await api.post("/v1/training-jobs", json={"model": "pump", "dataset": DIGEST})
    assert (answer.status_code, answer.json()["state"]) == (202, "requested")
    assert "preference-applied" not in answer.headers


async def test_lists_come_in_pages_that_lead_to_one_another(api):
    for seed in range(100, 105):
        await api.post("/v1/datasets", json=simulated(seed))
    found, place = [], "/v1/datasets?limit=2&state=requested"
    while place:
        answer = await api.get(place)
        found += [item["id"] for item in answer.json()["items"]]
        place = answer.links.get("next", {}).get("url")
    assert len(found) == len(set(found)) >= 5
    newest = DatasetConfiguration.model_validate(simulated(104)).dataset_id()
    assert found[0] == newest


async def register(world, spec, versions=(1,)):
    for version in versions:
        registered = ModelRegistered(
            model=spec.model,
            version=version,
            job_id=UUID(int=version),
            dataset=DIGEST,
            preset="spectral_tiny",
            artifact=REFERENCE,
            data_spec=spec.data_spec,
            model_spec=spec.model_spec,
            evaluation=SUMMARY,
        )
        await world.say(registered, sequence=version)


def cause_of(record):
    return Envelope.model_validate(
        {name[3:]: value for name, value in headers_of(record).items() if name.startswith("ce_")}
    )


async def exists(api, place):
    return (await api.get(place)).status_code == 200


async def state(api, until, place, wanted):
    async def look():
        answer = await api.get(place)
        return answer.json() if answer.status_code == 200 and answer.json()["state"] == wanted else None

    return await until(look)
