"""Datasets that are asked for: a row, a request event, and what the events that follow make of it."""

import asyncio
import json

import pytest

from babbitt.contracts.datasets import (
    DatasetCancelled,
    DatasetConfiguration,
    DatasetDeleted,
    DatasetFailed,
    DatasetProgressed,
    DatasetReady,
    ReportReference,
)
from babbitt.contracts.problems import FieldProblem, Problem, RequestRefused
from babbitt.contracts.topics import DATASETS_EVENTS, DATASETS_REQUESTS

from .commands import REFERENCE, exists, headers_of, request_of, state

pytestmark = pytest.mark.integration


def simulated(seed):
    return {"source": {"kind": "simulated", "records_per_class": 8, "seed": seed}}


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


async def test_a_dataset_that_ended_or_is_made_anew_has_nothing_of_what_was_told_before(world, api, until, assigned):
    dataset_id = DatasetConfiguration.model_validate(simulated(7)).dataset_id()
    place = f"/v1/datasets/{dataset_id}"
    report = ReportReference(document=REFERENCE, page=REFERENCE)
    ready = DatasetReady(
        dataset_id=dataset_id, manifest=REFERENCE, data_spec=assigned().data_spec, split_kind="group",
        counts={"train": {"sain": 5}}, label="from a topic", size_bytes=9, report=report, findings=("a", "b"),
        split_in_time=("sain",),
    )  # fmt: skip

    def told(shown):
        facts = ("counts", "size_bytes", "report_path", "manifest", "findings", "split_in_time", "split_kind")
        return [fact for fact in facts if shown[fact]]

    await world.say(DatasetProgressed(dataset_id=dataset_id, shards_done=1, shards=4), sequence=1)
    await world.say(ready, sequence=2)
    shown = await state(api, until, place, "ready")
    assert (shown["label"], len(told(shown))) == ("from a topic", 7)
    assert dataset_id in [one["id"] for one in (await api.get("/v1/datasets?label=a topic")).json()["items"]]
    assert (await api.post("/v1/datasets", json=simulated(7) | {"label": "later"})).json()["label"] == "from a topic"

    await world.say(DatasetDeleted(dataset_id=dataset_id), sequence=3)
    assert told(await state(api, until, place, "deleted")) == []
    anew = (await api.post("/v1/datasets", json=simulated(7) | {"label": "another"})).json()
    assert (anew["state"], anew["label"], anew["shards_done"], anew["shards"]) == ("requested", "another", None, None)
    await world.say(DatasetFailed(dataset_id=dataset_id, reason="disk full"), sequence=4)
    assert told(await state(api, until, place, "failed")) == []


async def test_a_caller_who_waits_is_told_why_a_dataset_was_refused(world, api, until):
    asking = asyncio.create_task(api.post("/v1/datasets", json=simulated(2), headers={"Prefer": "wait=60"}))
    dataset_id = DatasetConfiguration.model_validate(simulated(2)).dataset_id()
    await until(lambda: exists(api, f"/v1/datasets/{dataset_id}"))
    record = await request_of(world, DATASETS_REQUESTS, dataset_id)
    wrong = FieldProblem(pointer="/configuration/source/records_per_class", detail="too many")
    problem = Problem.of("quota", 409, "Too much", "no more datasets today", errors=(wrong,))
    refused = RequestRefused(
        request_id=headers_of(record)["ce_id"], request_type="DatasetRequested", subject=dataset_id, problem=problem
    )
    await world.say(refused, topic=DATASETS_EVENTS, sequence=0)
    answer = await asking
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["pointer"] == "/source/records_per_class"
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
