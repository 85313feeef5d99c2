"""SIGKILL of any service in the middle of the way: it goes on to its end, and nothing is doubled."""

import random
import time
from collections import Counter

import pytest
from tests.way import ended, running, serving, tiny_dataset

from babbitt.contracts.topics import DATASETS_EVENTS, MODELS_ALIASES, MODELS_EVENTS, TRAINING_EVENTS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def distinct(records, kind):
    """Records of a type, a relay's repeats (the same event id) dropped."""
    return list({record.id: record for record in records if record.type == kind}.values())


def test_training_killed_in_mid_job_is_followed_by_another_worker_that_resumes(stack, client, outside, served):
    job_id = running(client, outside, "resumed", epoch=3)
    workers = [stack.service("training", index) for index in range(2)]  # whichever of them has the lease
    for worker in workers:
        worker.kill()
    for worker in workers:
        worker.launch()
    for worker in workers:
        worker.wait_ready()
    job = ended(client, job_id, deadline_s=180)
    assert job.state == "completed", job
    said = [record for record in outside.all_of(TRAINING_EVENTS) if record.key == str(job_id)]
    assert len(distinct(said, "TrainCompleted")) == 1
    told = Counter(record.data["epoch"] for record in distinct(said, "EpochCompleted"))
    assert set(told.values()) == {1}
    assert sorted(told) == list(range(1, max(told) + 1))
    resumed = distinct(said, "TrainStarted")[-1]
    assert resumed.data["resumes_from_epoch"] >= 1


@pytest.mark.parametrize("service", ["signals", "registry", "inference", "gateway"])
def test_a_service_killed_at_a_random_moment_completes_the_way_and_doubles_nothing(stack, client, outside, service):
    seed = random.SystemRandom().randrange(2**31)
    print(f"seed {seed}")  # noqa: T201 - to do the same again
    chance = random.Random(seed)
    model = f"killed-{service}"
    configuration = tiny_dataset(seed)
    dataset = configuration.dataset_id()
    outside.say_dataset(configuration)
    job_id = outside.train(model, dataset, overrides={"epochs": 5})
    time.sleep(chance.uniform(0.2, 6))  # the moment
    victim = stack.service(service, 0)
    victim.kill()
    victim.restart()
    assert ended(client, job_id, deadline_s=180).state == "completed"
    serving(client, model)
    ready = [r for r in distinct(outside.all_of(DATASETS_EVENTS), "DatasetReady") if r.key == dataset]
    assert len(ready) == 1
    assert len([r for r in distinct(outside.all_of(TRAINING_EVENTS), "TrainCompleted") if r.key == str(job_id)]) == 1
    registered = [r for r in distinct(outside.all_of(MODELS_EVENTS), "ModelRegistered") if r.key == model]
    promoted = [r for r in distinct(outside.all_of(MODELS_EVENTS), "ModelPromoted") if r.key == model]
    assert (len(registered), len(promoted)) == (1, 1)
    champion = [r for r in outside.all_of(MODELS_ALIASES) if r.key == f"{model}/champion"][-1]
    assert champion.data["version"] == promoted[0].data["version"]
    assert outside.dead_letters() == {}
