from pathlib import Path

import pytest

from babbitt.chassis.deploy import SERVICES_WITH_SCHEMA
from babbitt.native.environment import Environment


@pytest.fixture
def environment():
    return Environment(
        bootstrap_servers="127.0.0.1:9092",
        kafka_prefix="babbitt.",
        ports={"postgres": 5432, "gateway-0": 8080, "inference-1": 21_000, "training-0": 21_001},
        passwords=dict.fromkeys(SERVICES_WITH_SCHEMA, "secret"),
        objects=Path("/objects"),
        log_level="INFO",
        extra={"BABBITT_TRAINING_LEASE_S": "2", "BABBITT_DRAIN_S": "5", "TZ": "UTC"},
    )


def test_what_the_caller_has_of_our_variables_is_not_passed_on(environment, monkeypatch):
    monkeypatch.setenv("BABBITT_TESTS_NATIVE", "1")
    assert "BABBITT_TESTS_NATIVE" not in environment.service("inference", 1)


def test_a_service_gets_its_own_database_and_no_other(environment):
    urls = {name: value for name, value in environment.service("training", 0).items() if name.endswith("DATABASE_URL")}
    assert urls == {
        "BABBITT_TRAINING_DATABASE_URL": "postgresql+asyncpg://babbitt_training:secret@127.0.0.1:5432/babbitt"
    }


def test_a_service_without_a_schema_gets_no_database(environment):
    assert not any(name.endswith("DATABASE_URL") for name in environment.service("inference", 1))


def test_the_deploy_step_gets_every_database(environment):
    given = {name for name in environment.deployment() if name.endswith("DATABASE_URL")}
    assert given == {f"BABBITT_{name.upper()}_DATABASE_URL" for name in SERVICES_WITH_SCHEMA}


def test_an_added_variable_of_one_service_reaches_that_service_alone(environment):
    assert "BABBITT_TRAINING_LEASE_S" not in environment.service("inference", 1)
    assert environment.service("inference", 1)["BABBITT_DRAIN_S"] == "5"


def test_the_gateway_serves_its_health_on_its_own_port(environment):
    gateway = environment.service("gateway", 0)
    assert gateway["BABBITT_GATEWAY_PORT"] == "8080"
    assert "BABBITT_HEALTH_PORT" not in gateway
    assert environment.service("inference", 1)["BABBITT_HEALTH_PORT"] == "21000"
