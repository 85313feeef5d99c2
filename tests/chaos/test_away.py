"""Kafka and PostgreSQL go away in mid-stream and come back: nothing is lost, nothing becomes a dead letter."""

import pytest
from tests.load import predictions
from tests.way import ended, running, until

from babbitt.contracts.topics import TRAINING_EVENTS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

OWNERS = ("signals", "training", "registry")


def unready(stack, names):
    return all(not stack.service(name, 0).ready() for name in names)


def all_ready(stack):
    return all(service.ready() for service in stack.services)


def test_a_restart_of_postgresql_loses_nothing_and_predictions_go_on_meanwhile(
    stack, client, outside, served, waveform
):
    job_id = running(client, outside, "outlives-postgres", epoch=1)
    with predictions(stack.gateway_url, stack.admin_key, served, waveform) as load:
        until(lambda: load.answered > 10, what="predictions before")
        assert not client.training_job(job_id).has_ended
        stack.postgres.stop()
        until(lambda: unready(stack, OWNERS), what="services that own data say that they are not ready")
        answered = load.answered
        until(lambda: load.answered > answered + 20, what="predictions without PostgreSQL")
        stack.postgres.start()
        until(lambda: all_ready(stack), what="all ready again")
    assert load.failures == []
    assert ended(client, job_id, deadline_s=180).state == "completed"
    assert outside.dead_letters() == {}


def test_a_restart_of_kafka_loses_nothing(stack, client, outside, served, waveform):
    job_id = running(client, outside, "outlives-kafka", epoch=1)
    stack.kafka.stop()
    until(lambda: unready(stack, (*OWNERS, "inference", "gateway")), what="every service says that it is not ready")
    stack.kafka.start()
    until(lambda: all_ready(stack), what="all ready again")
    assert ended(client, job_id, deadline_s=180).state == "completed"
    said = {
        r.data["epoch"] for r in outside.all_of(TRAINING_EVENTS) if r.type == "EpochCompleted" and r.key == str(job_id)
    }
    assert said == set(range(1, max(said) + 1))
    assert client.predict(served, waveform, sampling_rate_hz=20_480).windows == 1
    assert outside.dead_letters() == {}


def test_a_prediction_asked_for_while_kafka_restarts_is_answered(stack, client, served, waveform):
    replicas = [stack.service("inference", index) for index in range(2)]

    def states():
        return {client.prediction(one.prediction_id).state for one in later}

    for replica in replicas:
        replica.pause()  # so that all are on their way when Kafka goes
    try:
        later = [client.predict_later(served, waveform, sampling_rate_hz=20_480) for _ in range(20)]
        stack.kafka.restart()
        assert states() == {"pending"}
    finally:
        for replica in replicas:
            replica.resume()
    until(lambda: all_ready(stack), what="all ready again")
    until(lambda: "pending" not in states(), what="no prediction pending", deadline_s=120)
    assert states() == {"completed"}
