"""Evaluations, imports and studies that are asked for: jobs like any other."""

import hashlib
import json
from uuid import UUID

import pytest

from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.names import new_id
from babbitt.contracts.study_reports import StudyReport, TrialReport
from babbitt.contracts.topics import TRAINING_REQUESTS
from babbitt.contracts.training import EvaluationCompleted
from babbitt.contracts.tuning import TuningCompleted

from .commands import DIGEST, REFERENCE, SUMMARY, exists, headers_of, register, request_of, state

pytestmark = pytest.mark.integration

ONNX = b"\x08\x0a\x12\x07pytorch\x3a" + bytes(range(256)) * 400


async def asked(world, answer, kind, message):
    """What a command's job is, and what was said on the topic for it."""
    assert answer.status_code == 202, answer.text
    job = answer.json()
    assert answer.headers["location"] == f"/v1/training-jobs/{job['id']}"
    assert (job["kind"], job["state"]) == (kind, "requested")
    record = await request_of(world, TRAINING_REQUESTS, job["id"])
    assert headers_of(record)["ce_type"] == message
    return job, json.loads(record.value)


async def test_a_version_is_tested_and_the_report_stands_with_the_job(world, api, until, assigned):
    assert (await api.post("/v1/models/tested/evaluations", json={"dataset": DIGEST})).status_code == 404
    await register(world, assigned("tested"), versions=(3,))
    await until(lambda: exists(api, "/v1/models/tested/versions/3"))
    wanted = {"version": 3, "dataset": DIGEST, "class_map": {"worn": "sound", "odd": None}, "job_id": str(new_id())}
    job, said = await asked(
        world, await api.post("/v1/models/tested/evaluations", json=wanted), "evaluation", "EvaluationRequested"
    )
    assert said.items() >= {"model": "tested", **wanted, "requested_by": job["requested_by"]}.items()
    assert job["version"] == 3
    assert (await api.post("/v1/models/tested/evaluations", json=wanted)).status_code == 202
    other = await api.post("/v1/models/tested/evaluations", json=wanted | {"version": 4})
    assert other.status_code == 409
    place = f"/v1/training-jobs/{job['id']}"
    assert (await api.get(f"{place}/report")).status_code == 404
    store = ObjectStore(world.installation.objects.resolve().as_uri(), "training")
    report = await store.put_addressed("artifacts", b'{"format": 2}')
    told = {"job_id": UUID(job["id"]), "model": "tested", "version": 3, "artifact_sha256": DIGEST, "dataset": DIGEST}
    rest = {"evaluation": SUMMARY, "predictions": REFERENCE, "seconds": 2.0}
    await world.say(EvaluationCompleted(**told, **rest, report=report), sequence=3)
    assert (await state(api, until, place, "completed"))["evaluation"]["record_accuracy"] == 0.99
    answer = await api.get(f"{place}/report")
    assert (answer.content, answer.headers["etag"]) == (b'{"format": 2}', f'"{report.sha256}"')
    (world.installation.objects / report.key).unlink()
    assert (await api.get(f"{place}/report")).status_code == 410


async def test_the_report_and_the_figures_of_a_study_stand_with_its_job(world, api, until):
    store = ObjectStore(world.installation.objects.resolve().as_uri(), "training")
    study = new_id()
    trial = TrialReport(number=0, job=study, state="completed", settings={"epochs": 5}, validation_loss=0.5)
    figure = await store.put_addressed("artifacts", b"\x89PNG history")
    told = StudyReport(
        study=study, model="tuned", request={}, trials=(trial,), best_trial=0, job=study, figures={"history": figure}
    )
    report = await store.put_addressed("artifacts", told.model_dump_json().encode())
    said = {"trials": 1, "pruned": 0, "failed": 0, "best_trial": 0, "settings": {}, "validation_loss": 0.5}
    await world.say(TuningCompleted(job_id=study, model="tuned", job=study, **said, report=report), sequence=2)
    place = f"/v1/training-jobs/{study}"
    await until(lambda: exists(api, place))
    assert StudyReport.read((await api.get(f"{place}/report")).content) == told
    answer = await api.get(f"{place}/figures/history")
    assert (answer.content, answer.headers["content-type"]) == (b"\x89PNG history", "image/png")
    assert (await api.get(f"{place}/figures/importance")).status_code == 404


async def test_a_model_that_was_trained_elsewhere_is_uploaded_and_asked_to_be_taken_in(world, api, assigned):
    told = assigned("brought")
    specs = {name: getattr(told, name).model_dump(mode="json") for name in ("data_spec", "model_spec")}
    wanted = {"upload": hashlib.sha256(ONNX).hexdigest(), **specs, "dataset": DIGEST, "origin": "the old system"}
    missing = await api.post("/v1/models/brought/imports", json=wanted)
    assert (missing.status_code, missing.json()["errors"][0]["pointer"]) == (422, "/upload")
    uploaded = await api.post("/v1/uploads", content=ONNX)
    assert uploaded.json() == {"sha256": wanted["upload"], "size_bytes": len(ONNX), "format": "onnx"}
    job, said = await asked(
        world, await api.post("/v1/models/brought/imports", json=wanted), "import", "ImportRequested"
    )
    key = f"gateway/uploads/{wanted['upload']}"
    assert said["artifact"] == {"key": key, "sha256": wanted["upload"], "size_bytes": len(ONNX)}
    assert (said["origin"], said["model_spec"]["class_names"]) == ("the old system", ["healthy", "imbalance"])
    assert job["model"] == "brought"
    unknown = wanted | {"model_spec": specs["model_spec"] | {"colour": "red"}}
    assert (await api.post("/v1/models/brought/imports", json=unknown)).status_code == 422


async def test_a_study_is_a_job_with_what_is_tried(world, api):
    base = {"model": "tuned", "dataset": DIGEST, "preset": "spectral_small"}
    space = {"learning_rate": {"low": 1e-4, "high": 1e-2, "log": True}, "epochs": {"kind": "choice", "values": [5, 9]}}
    job, said = await asked(
        world,
        await api.post("/v1/tuning-jobs", json={"base": base, "space": space, "trials": 7}),
        "tuning",
        "TuningRequested",
    )
    assert (said["base"]["job_id"], said["base"]["model"], said["trials"]) == (job["id"], "tuned", 7)
    assert said["space"]["learning_rate"]["log"] is True
    assert (job["preset"], job["dataset"]) == ("spectral_small", DIGEST)
    refused = await api.post("/v1/tuning-jobs", json={"base": base | {"seeds": [1, 2]}, "space": space})
    assert refused.status_code == 422


async def test_every_field_of_a_training_is_asked_for_as_it_is_given(world, api):
    wanted = {
        "model": "asked", "dataset": DIGEST, "job_id": str(new_id()), "preset": "tcn_small", "task": "multilabel",
        "overrides": {"loss": {"name": "focal", "gamma": 1.5}, "config": {"hidden": 64, "name": "wide"},
                      "augmentations": [{"name": "gain", "max_db": 3.0}]},
        "class_map": {"both": ["unbalanced", "bent"], "sound": [], "odd": None}, "base_version": 2, "members": [1, 3],
        "folds": "leave_one_group_out", "seeds": [4, 5], "budget_minutes": 1.5, "quick": True,
    }  # fmt: skip
    _, said = await asked(world, await api.post("/v1/training-jobs", json=wanted), "training", "TrainRequested")
    overrides = {name: value for name, value in said["overrides"].items() if value is not None}
    assert overrides == wanted["overrides"]
    assert {name: said[name] for name in wanted} | {"overrides": overrides} == wanted
    nul = wanted | {"overrides": {"config": {"\0": 1}}, "job_id": str(new_id())}
    assert (await api.post("/v1/training-jobs", json=nul)).status_code == 422
