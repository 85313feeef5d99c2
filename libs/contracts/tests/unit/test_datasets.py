"""What a dataset can be asked to be."""

import pytest
from pydantic import ValidationError

from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.errors import field_problems
from babbitt.contracts.mappings import ImportMapping, MappingRule, RecordingFile
from babbitt.contracts.simulations import JournalSource, RollingSource
from babbitt.contracts.splits import SplitSpec, noisy_test, split_of


def asked(**source):
    return DatasetConfiguration.model_validate({"source": source})


def problem(**source):
    content = {"source": source}
    with pytest.raises(ValidationError) as refused:
        DatasetConfiguration.model_validate(content)
    return field_problems(refused.value, content)[0]


def test_a_simulated_source_is_of_the_journal_bearing_unless_its_profile_says_otherwise():
    assert isinstance(asked(kind="simulated").source, JournalSource)
    assert isinstance(asked(kind="simulated", profile="rolling").source, RollingSource)
    assert asked(kind="simulated") == asked(kind="simulated", profile="jbfd11")
    assert asked(kind="simulated").dataset_id() != asked(kind="simulated", profile="rolling").dataset_id()


def test_files_by_rules_are_bounded(monkeypatch):
    monkeypatch.setattr("babbitt.contracts.mappings.MAX_COMPARISONS", 5)
    rules = [{"pattern": "*", "label": "a"}, {"pattern": "b", "label": "b"}]
    mapping = {"rules": rules, "sampling_rate_hz": 1_000}
    files = [{"name": f"{number}.mat", "sha256": "0" * 64} for number in range(3)]
    assert asked(kind="imported", files=files[:2], mapping=mapping)
    assert "3 by 2 rules; at most 5" in problem(kind="imported", files=files, mapping=mapping).detail


def test_long_names_by_long_patterns_are_bounded():
    rules = [{"pattern": f"{'?*' * 450}{number:03d}", "label": "a"} for number in range(100)]
    mapping = {"rules": rules, "sampling_rate_hz": 1_000}
    files = [{"name": f"{'a' * 470}{number:03d}", "sha256": "0" * 64} for number in range(120)]
    assert asked(kind="imported", files=files[:100], mapping=mapping)
    told = "120 names of 56760 characters by 100 patterns of 90300; the product may be 5000000000 at most"
    assert told in problem(kind="imported", files=files, mapping=mapping).detail


def test_the_benchmark_is_what_a_journal_source_is_by_default():
    source = JournalSource()
    assert (len(source.classes), source.records_per_class) == (11, 320)
    assert (len(source.noise_layers), source.effects, source.noise_copies_db) == (8, (), (20, 10, 5))


def test_the_order_of_noise_layers_does_not_make_another_dataset():
    one, other = (asked(kind="simulated", noise_layers=layers) for layers in (["walk", "mains"], ["mains", "walk"]))
    assert one.dataset_id() == other.dataset_id()


@pytest.mark.parametrize(
    ("source", "pointer"),
    [
        ({"kind": "guessed"}, "/source"),
        ({"kind": "simulated", "profile": "guessed"}, "/source"),
        ({"kind": "simulated", "seed": -1}, "/source/seed"),
        ({"kind": "simulated", "classes": ["sain", "rouille"]}, "/source/classes/1"),
        ({"kind": "simulated", "classes": ["sain", "sain"]}, "/source/classes"),
        ({"kind": "simulated", "records_per_class": -80}, "/source/records_per_class"),
        ({"kind": "simulated", "noise_layers": ["hum"]}, "/source/noise_layers/0"),
        ({"kind": "simulated", "profile": "rolling", "bearings": [{"balls": 2}]}, "/source/bearings/0/balls"),
        ({"kind": "simulated", "profile": "rolling", "records_per_class": 8}, "/source/records_per_class"),
        ({"kind": "imported", "files": [], "mapping": {}}, "/source/files"),
    ],
)
def test_a_wrong_source_is_refused_with_a_pointer_into_the_request(source, pointer):
    assert problem(**source).pointer == pointer


def test_an_unknown_class_is_answered_with_those_that_there_are():
    assert "desalignement" in (problem(kind="simulated", classes=["sain", "rouille"]).accepted or "")


@pytest.mark.parametrize(
    "name", ["../a.mat", "a/../../b.mat", "/etc/passwd", "a\\b.mat", "./a", "a//b", "", "a/", "a\0b"]
)
def test_a_name_that_leads_elsewhere_is_no_name_of_a_recording(name):
    with pytest.raises(ValidationError):
        RecordingFile(name=name, sha256="0" * 64)
    assert RecordingFile(name="normal/12.288.csv", sha256="0" * 64).name == "normal/12.288.csv"


def test_a_rule_names_a_variable_for_each_channel():
    one = MappingRule(pattern="*.csv", label="ok", variable="#2")
    assert one.variables == ("#2",)
    with pytest.raises(ValidationError, match="1 for 2 channels"):
        ImportMapping(rules=(one,), sampling_rate_hz=1000, channels=({"name": "left"}, {"name": "right"}))


def test_a_noisy_copy_belongs_to_the_split_that_it_is_a_copy_of():
    assert [split_of(place) for place in ("train", noisy_test(20), noisy_test(-5))] == ["train", "test", "test"]


def test_groups_are_held_out_of_a_split_by_group_alone():
    assert SplitSpec(kind="group", held_out=("a", "b")).held_out == ("a", "b")
    with pytest.raises(ValidationError, match="held_out"):
        SplitSpec(kind="record", held_out=("a",))
