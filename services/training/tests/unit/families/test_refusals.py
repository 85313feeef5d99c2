"""Versions and examples that a family cannot be made of are refused by name."""

from dataclasses import replace

import pytest
import torch

from babbitt.contracts.dataspec import Channel
from babbitt.training.families.errors import UnsuitableBase, UnsuitableData, UnsuitableExamples

pytestmark = pytest.mark.thorough


def test_a_prototype_needs_one_other_version(case):
    one = case("prototype_base")
    with pytest.raises(UnsuitableBase, match="base_version is to name it"):
        one.preset.config.model_spec("prototype_base", one.data)


def test_an_ensemble_needs_two_other_versions(case):
    one = case("ensemble_base")
    with pytest.raises(UnsuitableBase, match="members is to name them"):
        one.preset.config.model_spec("ensemble_base", one.data, one.bases[:1])


@pytest.mark.parametrize(
    ("field", "value"),
    [("window_samples", 1024), ("class_names", ("healthy", "worn", "loose")), ("inputs", ("waveform", "torque"))],
)
def test_members_that_read_or_tell_something_else_are_refused_naming_what(case, field, value):
    one = case("ensemble_base")
    first, second = one.bases
    other = replace(second, model_spec=second.model_spec.model_copy(update={field: value}))
    with pytest.raises(UnsuitableBase, match=f"differ in {field}"):
        one.preset.config.model_spec("ensemble_base", one.data, (first, other))


def test_members_that_tell_other_classes_than_the_data_are_refused(case):
    one = case("ensemble_base")
    data = one.data.model_copy(update={"class_names": ("healthy", "worn", "loose")})
    with pytest.raises(UnsuitableBase, match="its members tell healthy, outer_race, inner_race"):
        one.preset.config.model_spec("ensemble_base", data, one.bases)


@pytest.mark.parametrize("name", ["prototype_base", "ensemble_base"])
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"channels": (Channel(name="motor"),)}, "reads other channels: vibration in g"),
        ({"channels": (Channel(unit="m/s2"),)}, "reads other channels: vibration in g"),
        ({"sampling_rate_hz": 48_000.0}, "reads 12000 Hz"),
        ({"record_samples": 1_000}, "reads windows of 2048"),
    ],
)
def test_records_that_the_other_versions_cannot_read_are_refused(case, name, changes, why):
    one = case(name)
    with pytest.raises(UnsuitableData, match=why):
        one.preset.config.model_spec(name, one.data.model_copy(update=changes), one.bases)


def test_a_version_whose_file_has_no_embedding_is_no_base(case, tmp_path):
    one = case("prototype_base")
    graph = one.bases[0].onnx.read_bytes().replace(b"embedding", b"embeddinG")
    (tmp_path / "model.onnx").write_bytes(graph)
    with pytest.raises(UnsuitableBase, match="no output embedding"):
        one.preset.config.build(one.data, one.spec, (replace(one.bases[0], onnx=tmp_path / "model.onnx"),))


def test_a_class_without_an_example_has_no_prototype(case):
    model = case("prototype_base").build()
    with pytest.raises(UnsuitableExamples, match="no example of inner_race"):
        model.learn(torch.randn(4, 24), torch.tensor([0, 0, 1, 1]), 0)


def test_one_example_a_class_makes_a_prototype(case):
    one = case("prototype_base")
    model = one.build()
    inputs = one.windows.inputs.values()
    features, labels = model.front_end(*inputs), one.windows.targets.argmax(dim=-1)
    model.learn(features[:3], labels[:3], 0)
    assert (model(*inputs).probabilities.argmax(dim=-1) == labels).float().mean() > 0.9


def test_health_is_not_learnt_from_a_handful_of_windows_or_from_faults(case):
    one = case("healthy_baseline_small")
    model = one.build()
    features = torch.randn(40, model.mean.shape[0])
    with pytest.raises(UnsuitableExamples, match="9 windows are healthy; at least 10"):
        model.learn(features, (torch.arange(40) < 9).float()[:, None], 0)
    with pytest.raises(UnsuitableExamples, match="0 windows are healthy"):
        model.learn(features, torch.zeros(40, 1), 0)


def test_what_health_is_does_not_depend_on_faulty_examples(case):
    one = case("healthy_baseline_small")
    model, again = one.build(), one.build()
    features = model.front_end(*one.windows.inputs.values())
    healthy = one.windows.targets[:, 0] > 0.5
    model.learn(features, one.windows.targets, 0)
    again.learn(features[healthy], one.windows.targets[healthy], 0)
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name])
