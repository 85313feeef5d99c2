"""What was promised on the wire is kept."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from babbitt.contracts.__main__ import broken_promises, generated
from babbitt.contracts.catalogue import all_messages
from babbitt.contracts.cloudevents import Origin, decode
from babbitt.contracts.compatibility import incompatibilities
from babbitt.contracts.topics import TOPICS

ROOT = Path(__file__).parents[4]
SCHEMAS = ROOT / "libs/contracts/schemas"
EXAMPLES = ROOT / "libs/contracts/examples"
BY_NAME = {topic.name: topic for topic in TOPICS}
MESSAGES = [contract.type_name() for contract in all_messages()]


def committed(name):
    return json.loads((SCHEMAS / f"{name}.json").read_text())


def test_the_code_keeps_what_the_committed_schemas_promise():
    assert broken_promises(SCHEMAS) == []


def test_schemas_asyncapi_and_catalogue_are_what_the_code_says():
    assert [path.name for path, text in generated(ROOT).items() if path.read_text() != text] == []


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_has_a_golden_example_that_is_read_and_written_the_same(name):
    example = json.loads((EXAMPLES / f"{name}.json").read_text())
    topic = BY_NAME[example["topic"]]
    headers = [(header, text.encode()) for header, text in example["headers"].items()]
    delivery = decode(topic, json.dumps(example["data"]).encode(), headers, Origin(topic.name, 0, 0, datetime.now(UTC)))
    assert delivery.message.model_dump(mode="json") == example["data"]
    assert delivery.message.key() == example["key"] == delivery.envelope.subject
    Draft202012Validator(committed(name)).validate(example["data"])


def changed(name, change):
    schema = copy.deepcopy(committed(name))
    change(schema)
    return incompatibilities(committed(name), schema, event=name != "TrainRequested")


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("TrainRequested", lambda s: s["properties"].pop("seed"), "$.seed: removed"),
        ("TrainRequested", lambda s: s["required"].append("seed"), "$.seed: now required"),
        (
            "TrainRequested",
            lambda s: s["properties"]["seed"].update(type="string"),
            "$.seed: type integer became string",
        ),
        ("TrainRequested", lambda s: s["properties"]["seed"].update(maximum=10), "maximum became 10"),
        ("TrainRequested", lambda s: s["properties"]["preset"].update(pattern="^x$"), "pattern became"),
        ("EpochCompleted", lambda s: s["required"].remove("epoch"), "$.epoch: no longer always there"),
        (
            "DatasetReady",
            lambda s: s["$defs"]["Targets"]["properties"]["fault"].update(enum=["multiclass"]),
            "no longer accepted",
        ),
        ("TrainCompleted", lambda s: s["$defs"]["Parity"]["properties"].pop("bound"), ".parity.bound: removed"),
        ("DatasetRequested", lambda s: s["$defs"]["SplitSpec"]["properties"].pop("test"), ".split.test: removed"),
        (
            "DatasetRequested",
            lambda s: s["$defs"]["MappingRule"]["required"].append("group"),
            ".rules[].group: now required",
        ),
    ],
)
def test_an_incompatible_change_is_found_and_named(name, change, said):
    assert any(said in reason for reason in changed(name, change)), changed(name, change)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("TrainRequested", lambda s: s["properties"].update(folds={"type": "integer"})),
        ("TrainRequested", lambda s: s["properties"]["seed"].pop("maximum", None)),
        ("EpochCompleted", lambda s: s["properties"]["epoch"].update(type="number")),
        ("DatasetReady", lambda s: s["$defs"]["Targets"]["properties"]["fault"]["enum"].append("prototype")),
        ("TrainRequested", lambda s: s.update(description="said better")),
    ],
)
def test_a_compatible_change_passes(name, change):
    assert changed(name, change) == []


def test_a_removed_message_is_a_broken_promise(tmp_path):
    (tmp_path / "TrainPondered.json").write_text("{}")
    assert broken_promises(tmp_path) == ["TrainPondered: removed"]
