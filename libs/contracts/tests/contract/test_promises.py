"""What was promised on the wire is kept."""

import copy
import json
from datetime import UTC, datetime
from functools import reduce
from operator import getitem
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from babbitt.contracts.__main__ import broken_promises, generated
from babbitt.contracts.catalogue import all_messages
from babbitt.contracts.cloudevents import Origin, decode
from babbitt.contracts.compatibility import incompatibilities
from babbitt.contracts.envelope import Event
from babbitt.contracts.errors import MalformedMessage
from babbitt.contracts.manifests import DatasetManifest
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


def read(example):
    topic = BY_NAME[example["topic"]]
    headers = [(header, text.encode()) for header, text in example["headers"].items()]
    return decode(topic, json.dumps(example["data"]).encode(), headers, Origin(topic.name, 0, 0, datetime.now(UTC)))


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_has_a_golden_example_that_is_read_and_written_the_same(name):
    example = json.loads((EXAMPLES / f"{name}.json").read_text())
    delivery = read(example)
    assert delivery.message.model_dump(mode="json") == example["data"]
    assert delivery.message.key() == example["key"] == delivery.envelope.subject
    Draft202012Validator(committed(name)).validate(example["data"])


def objects(value, path=()):
    """Where the objects of a message stand within it."""
    if isinstance(value, BaseModel):
        yield path
        for name, part in value:
            yield from objects(part, (*path, name))
    elif isinstance(value, tuple):
        for index, part in enumerate(value):
            yield from objects(part, (*path, index))


@pytest.mark.parametrize("contract", all_messages(), ids=lambda contract: contract.type_name())
def test_an_unknown_field_at_any_depth_is_skipped_in_an_event_and_refused_in_a_request(contract):
    example = json.loads((EXAMPLES / f"{contract.type_name()}.json").read_text())
    plain = read(example).message
    for path in objects(plain):
        wider = copy.deepcopy(example)
        reduce(getitem, path, wider["data"])["colour"] = "red"
        if issubclass(contract, Event):
            assert read(wider).message == plain
        else:
            with pytest.raises(MalformedMessage, match="colour"):
                read(wider)


def test_a_manifest_of_a_later_version_is_read():
    asked = json.loads((EXAMPLES / "DatasetRequested.json").read_text())["data"]["configuration"]
    ready = json.loads((EXAMPLES / "DatasetReady.json").read_text())["data"]
    manifest = {"configuration": asked, "shards": [], "records": []} | {
        name: ready[name] for name in ("dataset_id", "data_spec")
    }
    plain = DatasetManifest.read(json.dumps(manifest))
    for path in objects(plain):
        wider = copy.deepcopy(manifest)
        reduce(getitem, path, wider)["colour"] = "red"
        assert DatasetManifest.read(json.dumps(wider)) == plain


@pytest.mark.parametrize(("field", "value"), [("unit", "in/s"), ("quantity", "jerk"), ("direction", "oblique")])
def test_a_channel_of_a_kind_unknown_here_is_read_in_an_event_and_refused_in_a_request(field, value):
    ready = json.loads((EXAMPLES / "DatasetReady.json").read_text())
    ready["data"]["data_spec"]["channels"][0][field] = value
    assert getattr(read(ready).message.data_spec.channels[0], field) == value
    asked = json.loads((EXAMPLES / "DatasetRequested.json").read_text())
    asked["data"]["configuration"]["source"]["mapping"]["channels"][0][field] = value
    with pytest.raises(MalformedMessage, match=field):
        read(asked)


def changed(name, change):
    schema = copy.deepcopy(committed(name))
    change(schema)
    return incompatibilities(committed(name), schema, event=not name.endswith("Requested"))


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
        ("EpochCompleted", lambda s: s["required"].remove("epoch"), "$.epoch: now required (the other way round"),
        ("EpochCompleted", lambda s: s["properties"]["epoch"].update(type="number"), "type number became integer"),
        ("ModelPromoted", lambda s: s["$defs"]["VersionNumber"].pop("maximum"), "$.version: maximum became 999999999"),
        ("AliasAssigned", lambda s: s["$defs"]["ModelSpec"]["properties"]["vote"].update(const="median"), ".vote:"),
        (
            "AliasAssigned",
            lambda s: s["$defs"]["ModelSpec"]["properties"].update(
                vote={"type": "string", "enum": ["mean_probability", "median"]}
            ),
            ".vote: ['median'] no longer accepted (the other way round",
        ),
        (
            "DatasetRequested",
            lambda s: s["$defs"]["SplitSpec"]["properties"]["kind"].update(enum=["group"]),
            "['predefined', 'record', 'time'] no longer accepted",
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
        ("TrainRequested", lambda s: s["properties"].update(patience={"type": "integer"})),
        ("TrainRequested", lambda s: s["properties"]["seed"].pop("maximum", None)),
        ("TrainRequested", lambda s: s["properties"]["seed"].update(type="number")),
        ("DatasetRequested", lambda s: s["$defs"]["SplitSpec"]["properties"]["kind"]["enum"].append("machine")),
        (
            "DatasetReady",
            lambda s: s["$defs"]["Targets"]["properties"]["fault"]["anyOf"][0]["enum"].append("prototype"),
        ),
        ("DatasetReady", lambda s: s["$defs"]["Targets"]["properties"].update(horizon_s={"type": "number"})),
        ("TrainRequested", lambda s: s.update(description="said better")),
    ],
)
def test_a_compatible_change_passes(name, change):
    assert changed(name, change) == []


def test_a_removed_message_is_a_broken_promise(tmp_path):
    (tmp_path / "TrainPondered.json").write_text("{}")
    assert broken_promises(tmp_path) == ["TrainPondered: removed"]
