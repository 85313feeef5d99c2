import json
from uuid import uuid4

import pytest

from babbitt.contracts.names import derived_id
from babbitt.contracts.training import TrainCancelled, TrainQueued
from babbitt.contracts.training_requests import TrainCancelRequested, TrainRequested
from babbitt.training.application.cancel_job import CancelJob
from babbitt.training.domain.dataset import KnownDataset
from babbitt.training.domain.job import State
from babbitt.training.errors import JobEnded, JobIdTaken, PresetUnknown, SettingsRefused
from babbitt.training.families.registry import load_presets

DATASET = "d" * 64


@pytest.fixture
def submit(memory):
    return memory.submit


@pytest.fixture
def cancel(memory):
    return CancelJob(memory.jobs, memory.cancellations, memory.outbox)


@pytest.fixture
def ready(memory, manifest_reference):
    memory.datasets.rows[DATASET] = KnownDataset(DATASET, "1", manifest_reference)


def train(**fields) -> TrainRequested:
    return TrainRequested(model="pump", dataset=DATASET, **fields)


def asked(**fields) -> TrainRequested:
    """As it comes in a message."""
    return TrainRequested.model_validate_json(json.dumps({"model": "pump", "dataset": DATASET, **fields}))


async def test_a_job_whose_dataset_is_there_is_queued(submit, memory, cause, ready):
    await submit(train(), cause)
    (said,) = memory.outbox.said
    assert isinstance(said, TrainQueued)
    assert not said.waits_for_dataset
    assert memory.jobs.rows[said.job_id].state is State.QUEUED


async def test_a_job_whose_dataset_is_not_there_waits(submit, memory, cause):
    await submit(train(), cause)
    (said,) = memory.outbox.said
    assert said.waits_for_dataset
    assert memory.jobs.rows[said.job_id].state is State.WAITING


async def test_a_job_id_that_is_not_given_follows_from_the_message(submit, memory, cause):
    await submit(train(), cause)
    assert list(memory.jobs.rows) == [derived_id(cause.source, cause.id)]


async def test_the_same_request_again_changes_and_says_nothing(submit, memory, cause, ready):
    job_id = uuid4()
    await submit(train(job_id=job_id), cause)
    memory.jobs.rows[job_id].state = State.RUNNING
    await submit(train(job_id=job_id), cause)
    assert len(memory.outbox.said) == 1
    assert memory.jobs.rows[job_id].state is State.RUNNING


async def test_another_request_with_the_same_job_id_is_refused_and_the_first_runs_on(submit, memory, cause, ready):
    job_id = uuid4()
    await submit(train(job_id=job_id), cause)
    with pytest.raises(JobIdTaken) as refused:
        await submit(train(job_id=job_id, seed=7), cause)
    assert refused.value.problem.status == 409
    assert memory.jobs.rows[job_id].request.seed == 0


async def test_an_unknown_preset_is_refused_naming_field_and_accepted_presets(submit, memory, cause):
    with pytest.raises(PresetUnknown) as refused:
        await submit(train(preset="nonsense"), cause)
    (problem,) = refused.value.problem.errors
    assert refused.value.problem.status == 422
    assert (problem.pointer, problem.accepted) == ("/preset", ", ".join(load_presets().names()))
    assert not memory.jobs.rows


FOCAL, MIXUP = {"name": "focal"}, {"augmentations": [{"name": "mixup"}]}


@pytest.mark.parametrize(
    ("preset", "fields", "pointer"),
    [
        ("spectral_small", {"overrides": {"config": {"depth": 3}}}, "/overrides/config/depth"),
        ("spectral_small", {"overrides": {"config": {"embedding": -1}}}, "/overrides/config/embedding"),
        ("spectral_small", {"overrides": {"config": {"dropout": 1.5}}}, "/overrides/config/dropout"),
        ("logistic_base", {"overrides": {"config": {"tone_bands": 0}}}, "/overrides/config/tone_bands"),
        ("extra_trees_base", {"overrides": {"config": {"trees": 0}}}, "/overrides/config/trees"),
        ("order_envelope_base", {"overrides": {"config": {"bands": 0}}}, "/overrides/config/bands"),
        ("order_envelope_base", {"overrides": {"config": {"highest_hz": 3.0}}}, "/overrides/config/highest_hz"),
        ("healthy_baseline_base", {"overrides": {"config": {"distance": "city"}}}, "/overrides/config/distance"),
        ("resnet1d_base", {"overrides": {"config": {"stages": 0}}}, "/overrides/config/stages"),
        ("resnet1d_base", {"overrides": {"views": 4}}, "/overrides/views"),
        ("logistic_base", {"overrides": {"learning_rate": 0.1}}, "/overrides/learning_rate"),
        ("logistic_base", {"overrides": MIXUP}, "/overrides/augmentations"),
        ("logistic_base", {"base_version": 3}, "/base_version"),
        ("order_envelope_base", {"overrides": {"loss": FOCAL}}, "/overrides/loss"),
        ("prototype_base", {"base_version": 3, "overrides": {"epochs": 9}}, "/overrides/epochs"),
        ("spectral_base", {"members": [1, 2]}, "/members"),
        ("ensemble_base", {"members": [1, 2], "base_version": 3}, "/base_version"),
        ("ensemble_base", {"members": [1, 2], "folds": 2}, "/folds"),
        ("ensemble_base", {"members": [1, 2], "overrides": {"views": 1}}, "/overrides/views"),
    ],
)
async def test_what_a_preset_cannot_do_is_refused_naming_the_field(submit, memory, cause, preset, fields, pointer):
    with pytest.raises(SettingsRefused) as refused:
        await submit(asked(preset=preset, **fields), cause)
    assert [one.pointer for one in refused.value.problem.errors] == [pointer]
    assert not memory.jobs.rows


@pytest.mark.parametrize(
    ("preset", "fields"),
    [
        ("logistic_base", {"overrides": {"views": 2, "config": {"inverse_penalty": 1}}}),
        ("order_envelope_base", {"overrides": {"learning_rate": 0.01, "config": {"hidden": 8}}}),
        ("prototype_base", {"base_version": 3, "folds": 2}),
        ("resnet1d_base", {"base_version": 3, "overrides": MIXUP}),
        ("ensemble_base", {"members": [1, 2]}),
    ],
)
async def test_what_a_preset_can_do_is_taken(submit, memory, cause, preset, fields):
    await submit(asked(preset=preset, **fields), cause)
    assert len(memory.jobs.rows) == 1


@pytest.mark.parametrize("state", [State.WAITING, State.QUEUED, State.RUNNING])
async def test_a_job_that_is_not_over_can_be_cancelled(submit, cancel, memory, cause, ready, state):
    job_id = uuid4()
    await submit(train(job_id=job_id), cause)
    memory.jobs.rows[job_id].state = state
    await cancel(TrainCancelRequested(job_id=job_id, reason="enough"))
    assert memory.outbox.said[-1] == TrainCancelled(job_id=job_id, model="pump", reason="enough")
    assert memory.outbox.sequences == [1, 2]


async def test_a_job_that_is_cancelled_again_is_not_told_again(submit, cancel, memory, cause, ready):
    job_id = uuid4()
    await submit(train(job_id=job_id), cause)
    await cancel(TrainCancelRequested(job_id=job_id))
    await cancel(TrainCancelRequested(job_id=job_id))
    assert len(memory.outbox.said) == 2


async def test_a_job_that_is_over_refuses_to_be_cancelled(submit, cancel, memory, cause, ready):
    job_id = uuid4()
    await submit(train(job_id=job_id), cause)
    memory.jobs.rows[job_id].state = State.COMPLETED
    with pytest.raises(JobEnded):
        await cancel(TrainCancelRequested(job_id=job_id))


async def test_a_cancel_that_comes_before_its_job_is_remembered(submit, cancel, memory, cause, ready):
    job_id = uuid4()
    await cancel(TrainCancelRequested(job_id=job_id, reason="too late"))
    assert not memory.outbox.said
    await submit(train(job_id=job_id), cause)
    assert memory.outbox.said == [TrainCancelled(job_id=job_id, model="pump", reason="too late")]
    assert memory.jobs.rows[job_id].state is State.CANCELLED
