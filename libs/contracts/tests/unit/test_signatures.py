import json
from dataclasses import replace

import pytest

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.signatures import Statement

FILE = ObjectReference(key="training/artifacts/a", sha256="a" * 64, size_bytes=4)
OTHER = FILE.model_copy(update={"sha256": "b" * 64})
DATA = DataSpec(sampling_rate_hz=1e3, channels=({},), record_samples=64, class_names=("healthy", "unbalance"))
MODEL = ModelSpec(family="tiny", window_samples=64, hop_samples=64, class_names=DATA.class_names)
SAID = Statement("pump", FILE, FILE, DATA, MODEL)


@pytest.mark.parametrize(
    "otherwise",
    [
        {"model": "fan"},
        {"artifact": OTHER},
        {"weights": OTHER},
        {"weights": None},
        {"data_spec": DATA.model_copy(update={"sampling_rate_hz": 2e3})},
        {"model_spec": MODEL.model_copy(update={"class_names": DATA.class_names[::-1]})},
        {"model_spec": MODEL.model_copy(update={"amplitude": "relative"})},
    ],
)
def test_another_model_file_or_specification_is_another_statement(otherwise):
    assert replace(SAID, **otherwise).content() != SAID.content()


def test_a_statement_is_canonical_json_of_names_and_digests():
    told = json.loads(SAID.content())
    assert list(told) == sorted(told)
    assert (told["format"], told["model"], told["artifact_sha256"]) == (1, "pump", FILE.sha256)
    assert b" " not in SAID.content()


def test_what_was_stored_sent_or_copied_is_the_same_statement():
    content = json.loads(DATA.model_dump_json()) | {"sampling_rate_hz": 1000}
    sent = DataSpec.model_validate_json(json.dumps(content))
    whole = DATA.model_copy(update={"sampling_rate_hz": 1000})
    copied = FILE.model_copy(update={"key": "registry/artifacts/a"})
    for same in ({"data_spec": sent}, {"data_spec": whole}, {"artifact": copied}):
        assert replace(SAID, **same).content() == SAID.content()


def test_a_field_that_a_later_version_adds_and_nobody_set_leaves_the_statement_as_it_was():
    class Later(ModelSpec, frozen=True):
        window_function: str = "none"

    later = Later(**MODEL.model_dump())
    assert replace(SAID, model_spec=later).content() == SAID.content()
    set_now = later.model_copy(update={"window_function": "hann"})
    assert replace(SAID, model_spec=set_now).content() != SAID.content()
