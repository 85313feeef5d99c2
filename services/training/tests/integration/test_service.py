"""Training hears, runs and answers: on a real broker and a real database, with real child processes."""

import json
from uuid import uuid4

import onnxruntime
import pytest

from babbitt.contracts.datasets import DatasetDeleted
from babbitt.contracts.names import derived_id
from babbitt.contracts.problems import RequestRefused
from babbitt.contracts.topics import DATASETS_EVENTS, MODELS_ALIASES, TRAINING_REQUESTS, dead_letters
from babbitt.contracts.training import (
    EpochCompleted,
    EvaluationCompleted,
    TrainCancelled,
    TrainCompleted,
    TrainFailed,
    TrainQueued,
    TrainStarted,
)
from babbitt.contracts.training_requests import EvaluationRequested, TrainCancelRequested

pytestmark = pytest.mark.integration

ENDLESS = {"epochs": 10_000, "patience": 10_000}


async def test_a_line_of_json_trains_a_model_whose_progress_streams(bench, dataset, ready):
    _, manifest = dataset
    async with bench.running(), bench.events() as heard:
        await bench.make_ready(ready)
        line = json.dumps({"model": "pump", "dataset": manifest.dataset_id, "preset": "spectral_small"})
        sent = await bench.send(TRAINING_REQUESTS, line.encode())
        completed = await heard.until(TrainCompleted)
    request_id = str(derived_id(TRAINING_REQUESTS.name, sent.partition, sent.offset))
    assert completed.job_id == derived_id(f"/kafka/{TRAINING_REQUESTS.name}", request_id)
    told = [type(delivery.message).__name__ for delivery in heard.deliveries]
    assert told[0] == "TrainQueued"
    assert told[-1] == "TrainCompleted"
    assert [delivery.message.epoch for delivery in heard.of(EpochCompleted, completed.job_id)] == [1, 2, 3, 4, 5, 6]
    revisions = [delivery.envelope.sequence for delivery in heard.deliveries]
    assert revisions == sorted(set(revisions))
    assert {delivery.envelope.source for delivery in heard.deliveries} == {"/babbitt/training"}
    assert {delivery.envelope.correlationid for delivery in heard.deliveries} == {request_id}
    assert completed.evaluation.record_accuracy == 1.0
    assert completed.evaluation.test_split_sha256 == manifest.split_digest("test")
    model = await bench.store.read(completed.artifact.key, completed.artifact.sha256)
    assert completed.artifact.key == f"training/artifacts/{completed.artifact.sha256}"
    assert [entry.name for entry in onnxruntime.InferenceSession(model).get_inputs()] == ["waveform"]
    report = json.loads(await bench.store.read(completed.report.key, completed.report.sha256))
    assert report["provenance"]["dataset"] == manifest.dataset_id
    predictions = json.loads(await bench.store.read(completed.predictions.key, completed.predictions.sha256))
    assert len(predictions["records"]) == completed.evaluation.records


async def test_a_request_delivered_twice_is_one_job(bench, dataset):
    async with bench.running(), bench.events() as heard:
        for _ in range(2):
            await bench.ask(dataset[1], event_id="twice")
        await bench.ask(dataset[1], event_id="after")
        after = derived_id("/test", "after")
        await heard.until(TrainQueued, job_id=after)
        await heard.until(TrainQueued, job_id=derived_id("/test", "twice"))  # events of another job: in any order
    assert len(heard.of(TrainQueued, derived_id("/test", "twice"))) == 1
    assert await bench.column("SELECT count(*) FROM jobs") == 2


async def test_two_different_requests_with_one_job_id_the_second_is_refused_and_the_first_runs_on(bench, dataset):
    job_id = uuid4()
    async with bench.running(), bench.events() as heard:
        await bench.ask(dataset[1], job_id=job_id)
        await heard.until(TrainQueued, job_id=job_id)
        await bench.ask(dataset[1], job_id=job_id, seed=1, event_id="other")
        refused = await heard.until(RequestRefused)
    assert (refused.request_id, refused.subject, refused.problem.status) == ("other", str(job_id), 409)
    assert await bench.column("SELECT request->>'seed' FROM jobs") == "0"
    assert await bench.column("SELECT state FROM jobs") == "waiting"


async def test_an_unknown_preset_is_refused_naming_the_field_and_what_is_accepted(bench, dataset):
    async with bench.running(), bench.events() as heard:
        await bench.ask(dataset[1], preset="nonsense", event_id="unknown")
        refused = await heard.until(RequestRefused)
    (problem,) = refused.problem.errors
    assert (refused.request_id, refused.problem.status) == ("unknown", 422)
    assert problem.pointer == "/preset"
    assert {"spectral_base", "spectral_small", "order_envelope_base"} <= set(problem.accepted.split(", "))


async def test_a_job_that_comes_before_its_dataset_waits_runs_and_is_cancelled(bench, dataset, ready, children):
    job_id = uuid4()
    async with bench.running(), bench.events() as heard:
        await bench.ask(dataset[1], job_id=job_id, overrides=ENDLESS)
        queued = await heard.until(TrainQueued, job_id=job_id)
        assert queued.waits_for_dataset
        await bench.make_ready(ready)
        await heard.until(TrainQueued, job_id=job_id, waits_for_dataset=False)
        await heard.until(EpochCompleted, job_id=job_id, epoch=3)
        assert len(await children()) == 1
        await bench.say(TRAINING_REQUESTS, TrainCancelRequested(job_id=job_id, reason="enough"), event_id="cancel")
        cancelled = await heard.until(TrainCancelled, job_id=job_id)
        await children(there=False)
        await bench.ask(dataset[1], preset="nonsense")
        await heard.until(RequestRefused)
    assert cancelled.reason == "enough"
    assert heard.of(TrainCancelled, job_id)[0].envelope.causationid == "cancel"
    last = heard.of(TrainCancelled, job_id)[0].envelope.sequence
    assert (
        max(delivery.envelope.sequence for delivery in heard.deliveries if delivery.message.key() == str(job_id))
        == last
    )


async def test_a_cancel_that_comes_before_its_job_is_remembered(bench, dataset, ready):
    job_id = uuid4()
    async with bench.running(), bench.events() as heard:
        await bench.make_ready(ready)
        await bench.say(TRAINING_REQUESTS, TrainCancelRequested(job_id=job_id))
        while not await bench.column("SELECT count(*) FROM cancellations"):
            pass
        await bench.ask(dataset[1], job_id=job_id)
        await heard.until(TrainCancelled, job_id=job_id)
    assert await bench.column("SELECT state FROM jobs") == "cancelled"
    assert not heard.of(TrainStarted, job_id)


async def test_a_dataset_that_does_not_come_fails_the_job(bench, dataset):
    async with bench.running(dataset_wait_s=0.3), bench.events() as heard:
        await bench.ask(dataset[1])
        failed = await heard.until(TrainFailed)
    assert failed.kind == "dataset_missing"
    assert "was not there after 0.3 s" in failed.reason


async def test_a_dataset_that_is_deleted_while_its_job_waits_fails_the_job(bench, dataset):
    async with bench.running(), bench.events() as heard:
        await bench.ask(dataset[1])
        await heard.until(TrainQueued)
        await bench.say(DATASETS_EVENTS, DatasetDeleted(dataset_id=dataset[1].dataset_id), source="/babbitt/signals")
        failed = await heard.until(TrainFailed)
    assert (failed.kind, failed.reason) == ("dataset_missing", f"dataset {dataset[1].dataset_id} was deleted")


async def test_a_dataset_whose_shards_are_gone_fails_the_job(bench, dataset, ready):
    await bench.signals.delete(dataset[1].shards[0].key)
    async with bench.running(), bench.events() as heard:
        await bench.make_ready(ready)
        await bench.ask(dataset[1])
        failed = await heard.until(TrainFailed)
    assert failed.kind == "dataset_missing"
    assert "no object" in failed.reason


async def test_a_job_whose_budget_is_spent_ends_with_what_was_best_until_then(bench, dataset, ready, children):
    async with bench.running(), bench.events() as heard:
        await bench.make_ready(ready)
        await bench.ask(dataset[1], overrides=ENDLESS, budget_minutes=0.1)
        completed = await heard.until(TrainCompleted)
        await children(there=False)
    assert 0 < completed.epochs < ENDLESS["epochs"]


async def test_a_version_is_tested_on_a_dataset_by_its_file(bench, dataset, ready, golden):
    """The version is what an earlier job made; the alias topic says so."""
    async with bench.running(), bench.events() as heard:
        await bench.make_ready(ready)
        await bench.ask(dataset[1])
        await bench.say(TRAINING_REQUESTS, EvaluationRequested(model="pump", version=1, dataset=dataset[1].dataset_id))
        waits = await heard.until(TrainQueued, kind="evaluation")
        made = await heard.until(TrainCompleted)
        fields = {"artifact": made.artifact, "data_spec": made.data_spec, "model_spec": made.model_spec}
        assigned = golden("AliasAssigned").message.model_copy(
            update={"model": "pump", "reference": "1", "version": 1, **fields}
        )
        await bench.say(MODELS_ALIASES, assigned, source="/babbitt/registry")
        tested = await heard.until(EvaluationCompleted)
    assert waits.waits_for_dataset
    assert waits.needs == (1,)
    assert tested.artifact_sha256 == made.artifact.sha256
    assert tested.evaluation.record_accuracy == made.evaluation.record_accuracy


async def test_a_job_whose_attempts_all_die_fails_with_their_last_words(bench, dataset, ready, children):
    async with bench.running(attempts=1), bench.events() as heard:
        await bench.make_ready(ready)
        await bench.ask(dataset[1], overrides=ENDLESS)
        await heard.until(TrainStarted)
        (child,) = await children()
        child.kill()
        failed = await heard.until(TrainFailed)
    assert failed.kind == "attempts_exhausted"
    assert "ended by signal 9" in failed.reason


@pytest.mark.parametrize(
    ("topic", "kind", "value", "reason"),
    [
        (TRAINING_REQUESTS, "TrainRequested", b"{not json", "not JSON"),
        (TRAINING_REQUESTS, "TrainRequested", b'{"model": 7}', "is not its contract"),
        (TRAINING_REQUESTS, "TrainRequested", b"{}", "Field required"),
        (TRAINING_REQUESTS, "TrainPondered", b"{}", "TrainPondered"),
        (DATASETS_EVENTS, "DatasetReady", b"{not json", "not JSON"),
        (DATASETS_EVENTS, "DatasetReady", b'{"dataset_id": 7}', "is not its contract"),
        (DATASETS_EVENTS, "DatasetReady", b"{}", "Field required"),
    ],
)
async def test_poison_becomes_a_dead_letter_and_the_service_goes_on(bench, dataset, topic, kind, value, reason):
    attributes = {"specversion": "1.0", "id": "poison", "source": "/test", "type": kind}
    headers = [(f"ce_{name}", text.encode()) for name, text in attributes.items()]
    async with bench.running(), bench.events() as heard, bench.reader(dead_letters("training")) as letters:
        await bench.send(topic, value, headers)
        letter = await letters()
        await bench.ask(dataset[1])
        await heard.until(TrainQueued)
    told = dict(letter.headers)
    assert letter.value == value
    assert reason in told["dlq_reason"].decode()
    assert told["dlq_topic"].decode() == topic.name
