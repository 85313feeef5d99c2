"""Fixtures for all tests: real Kafka, real PostgreSQL, whole installations; what was promised on the wire."""

import json
import time
from pathlib import Path

import pytest
import structlog
from aiokafka import ConsumerRecord
from jsonschema import Draft202012Validator

from babbitt.chassis.kafka import origin_of
from babbitt.contracts.cloudevents import decode
from babbitt.contracts.topics import TOPICS

pytest_plugins = ["babbitt.native.testing"]

structlog.configure(
    processors=[
        structlog.processors.TimeStamper("iso"),
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)
"""A service that runs in the tests' own process logs as this does: else with all variables, for seconds an error."""

CONTRACTS = Path(__file__).parent / "libs/contracts"


@pytest.fixture(scope="session")
def golden_record():
    """A function: the golden example of a message, as Kafka's client gives it."""

    def record(name):
        example = json.loads((CONTRACTS / f"examples/{name}.json").read_text())
        headers = tuple((header, text.encode()) for header, text in example["headers"].items())
        key, value = example["key"].encode(), json.dumps(example["data"]).encode()
        now_ms = int(time.time() * 1000)
        return ConsumerRecord(example["topic"], 0, 0, now_ms, 0, key, value, None, len(key), len(value), headers)

    return record


@pytest.fixture(scope="session")
def golden(golden_record):
    """A function: the golden example of a message, as it is read from its topic."""
    topics = {topic.name: topic for topic in TOPICS}

    def read(name):
        record = golden_record(name)
        return decode(topics[record.topic], record.value, record.headers, origin_of(topics[record.topic], record))

    return read


@pytest.fixture(scope="session")
def promised():
    """A function that holds messages, as they are written, against their committed JSON Schemas; their types."""

    def check(messages):
        for message in messages:
            schema = json.loads((CONTRACTS / f"schemas/{message.type_name()}.json").read_text())
            Draft202012Validator(schema).validate(json.loads(message.model_dump_json()))
        return {message.type_name() for message in messages}

    return check
