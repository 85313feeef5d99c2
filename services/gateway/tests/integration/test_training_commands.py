"""Training jobs that are asked for, as datasets."""

import asyncio
import json
from uuid import UUID

import pytest

from babbitt.contracts.names import new_id
from babbitt.contracts.topics import TRAINING_REQUESTS
from babbitt.contracts.training import (
    EpochCompleted,
    EvaluationCompleted,
    TrainCompleted,
    TrainProgressed,
    TrainQueued,
    TrainStarted,
)
from babbitt.contracts.tuning import TrialCompleted

from .commands import DIGEST, REFERENCE, SUMMARY, headers_of, request_of, state

pytestmark = pytest.mark.integration


async def test_a_training_job_is_followed_from_the_request_to_the_model(world, api, until, assigned):
    asked = {"model": "followed", "dataset": DIGEST, "preset": "spectral_small", "overrides": {"epochs": 2}}
    asking = asyncio.create_task(api.post("/v1/training-jobs", json=asked, headers={"Prefer": "wait=60"}))

    async def requested():
        return [job for job in (await api.get("/v1/training-jobs")).json()["items"] if job["model"] == "followed"]

    job_id = (await until(requested))[0]["id"]
    record = await request_of(world, TRAINING_REQUESTS, job_id)
    assert json.loads(record.value)["overrides"]["epochs"] == 2
    job = {"job_id": UUID(job_id), "model": "followed"}
    await world.say(TrainQueued(**job, dataset=DIGEST, preset="spectral_small", waits_for_dataset=True), sequence=1)
    answer = await asking
    assert answer.status_code == 201, answer.text
    assert answer.json()["waits_for_dataset"] is True
    assert answer.headers["location"] == f"/v1/training-jobs/{job_id}"
    await world.say(TrainStarted(**job, attempt=1, epochs=2), sequence=2)
    async with api.stream("GET", f"/v1/training-jobs/{job_id}/events") as events:
        await world.say(TrainProgressed(**job, phase="learning", epoch=1, step=3, steps=10, eta_s=7.5), sequence=2)
        progressed = await data_of(events, "TrainProgressed")
    assert (progressed["step"], progressed["eta_s"]) == (3, 7.5)
    for epoch in (1, 2):
        held_out = {"validation_loss": 1.5, "validation_accuracy": 0.4} if epoch == 1 else {}  # after folds nothing is
        losses = {"train_loss": 1 / epoch, **held_out}
        more = {"learning_rate": 0.001, "seconds": 1.0, "metrics": {"macro_f1": 0.5}, "run": 2, "runs": 2}
        said = EpochCompleted(**job, epoch=epoch, epochs=2, run_name="seed 1", **more, **losses)
        await world.say(said, sequence=2 + epoch)
    spec = assigned()
    completed = TrainCompleted(
        **job,
        dataset=DIGEST,
        preset="spectral_small",
        artifact=REFERENCE,
        report=REFERENCE,
        predictions=REFERENCE,
        data_spec=spec.data_spec,
        model_spec=spec.model_spec,
        evaluation=SUMMARY,
        parity={"max_abs_difference": 0.0, "bound": 1e-4, "windows": 4},
        epochs=4,
        seconds=3.0,
    )
    await world.say(completed, sequence=5)
    shown = await state(api, until, f"/v1/training-jobs/{job_id}", "completed")
    assert shown["evaluation"]["record_accuracy"] == 0.99
    assert (shown["epoch"], shown["waits_for_dataset"]) == (2, False)
    curves = (await api.get(f"/v1/training-jobs/{job_id}/curves")).json()
    assert [(item["epoch"], item["train_loss"]) for item in curves["items"]] == [(1, 1.0), (2, 0.5)]
    assert (curves["epochs"], curves["items"][1]["run_name"]) == (2, "seed 1")
    assert curves["items"][1]["metrics"] == {"macro_f1": 0.5}
    assert [item["validation_loss"] for item in curves["items"]] == [1.5, None]
    assert (shown["kind"], shown["run"], shown["runs"]) == ("training", 2, 2)
    too_late = await api.delete(f"/v1/training-jobs/{job_id}")
    assert (too_late.status_code, too_late.json()["type"]) == (409, "urn:babbitt:problem:conflict")


async def data_of(events, type_):
    """What the first event of a type in a stream says."""
    said = False
    async for line in events.aiter_lines():
        said = said or line == f"event: {type_}"
        if said and line.startswith("data: "):
            return json.loads(line.removeprefix("data: "))["data"]
    return None


async def test_jobs_of_other_kinds_are_listed_with_what_they_are(world, api, until):
    job, study = {"job_id": new_id(), "model": "kinds"}, {"job_id": new_id(), "model": "kinds"}
    queued = {"dataset": DIGEST, "preset": ""}
    await world.say(TrainQueued(**job, kind="evaluation", **queued), sequence=1)
    done = {"version": 3, "artifact_sha256": DIGEST, "evaluation": SUMMARY, "report": REFERENCE, "seconds": 2.0}
    await world.say(EvaluationCompleted(**job, dataset=DIGEST, predictions=REFERENCE, **done), sequence=2)
    await world.say(TrainQueued(**study, kind="tuning", **queued), sequence=1)
    trial = {"job_id": new_id(), "model": "kinds", "study": study["job_id"]}
    await world.say(TrainQueued(**trial, **queued), sequence=1)
    told = await state(api, until, f"/v1/training-jobs/{job['job_id']}", "completed")
    assert (told["kind"], told["version"], told["evaluation"]["record_accuracy"]) == ("evaluation", 3, 0.99)
    for one in (study, trial):
        await state(api, until, f"/v1/training-jobs/{one['job_id']}", "queued")
    tried = {"trial": 0, "trial_job": trial["job_id"], "state": "completed", "settings": {}}
    await world.say(TrialCompleted(**study, **tried, validation_loss=0.5, best=True), sequence=2)
    await state(api, until, f"/v1/training-jobs/{study['job_id']}", "running")
    await state(api, until, f"/v1/training-jobs/{trial['job_id']}", "completed")

    async def listed(**query):
        items = (await api.get("/v1/training-jobs", params={"model": "kinds"} | query)).json()["items"]
        return {item["id"] for item in items}

    assert await listed(kind="evaluation") == {str(job["job_id"])}
    assert await listed(kind="tuning") == {str(study["job_id"])}
    assert await listed(study=str(study["job_id"])) == {str(trial["job_id"])}


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


async def test_without_a_wish_to_wait_a_command_is_answered_at_once(api):
    answer = await api.post("/v1/training-jobs", json={"model": "pump", "dataset": DIGEST})
    assert (answer.status_code, answer.json()["state"]) == (202, "requested")
    assert "preference-applied" not in answer.headers
