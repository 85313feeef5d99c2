"""One suite over all families: whoever registers one is held to it."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from babbitt.contracts.dataspec import Targets
from babbitt.training.families.classifier import LearnsAtOnce
from babbitt.training.families.errors import UnsuitableBase, UnsuitableData
from babbitt.training.families.registry import load_presets

pytestmark = pytest.mark.thorough

PRESETS = load_presets().names()
FAMILIES = tuple(dict.fromkeys(load_presets().named(name).family for name in PRESETS))
SMALLEST = (
    *(next(name for name in (f"{family}_small", f"{family}_base") if name in PRESETS) for family in FAMILIES),
    "order_envelope_net",
    "healthy_baseline_neighbours",
)
"""One preset of each module goes the whole way; a family's others differ in numbers only."""
UNSEEDED = (
    "ensemble_base",
    "healthy_baseline_small",
    "healthy_baseline_neighbours",
    "order_envelope_small",
    "prototype_base",
)
"""Nothing is learnt, or the solution is unique and the recipe draws no noise."""
BATCHES = (1, 3, 5)


def weights(model):
    return {name: tensor.numpy().tobytes() for name, tensor in model.state_dict().items()}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_builds_what_its_specification_says(case, name):
    one = case(name)
    model = one.build().eval()
    inputs = one.windows.rows(slice(None))
    assert tuple(inputs) == one.spec.inputs
    assert one.spec.family == name
    assert one.spec.class_names == one.data.class_names
    assert one.spec.task == one.data.targets.fault
    with torch.no_grad():
        if isinstance(model, LearnsAtOnce):
            features = model.front_end(*inputs.values())
            single = one.spec.task == "multiclass"
            model.learn(features, one.windows.targets.argmax(dim=-1) if single else one.windows.targets, 0)
        answer = model(*(values[:2] for values in inputs.values()))
    assert answer.logits.shape == answer.probabilities.shape == (2, len(one.spec.class_names))
    assert answer.embedding.shape[0] == 2
    assert ((answer.probabilities >= 0) & (answer.probabilities <= 1)).all()
    if one.spec.task == "multiclass":
        assert torch.allclose(answer.probabilities.sum(dim=-1), torch.ones(2))


@pytest.mark.parametrize("name", SMALLEST)
def test_a_family_learns_what_can_be_told_apart(case, name):
    one = case(name)
    model = one.taught
    with torch.no_grad():
        answer = model(*one.windows.inputs.values())
    targets = one.windows.targets
    if one.spec.task == "one_class":
        healthy = targets[:, 0] > 0.5
        assert answer.novelty[~healthy].min() > 2 * answer.novelty[healthy].max()
        assert ((answer.probabilities[:, 0] > 0.5) == healthy).all()
    else:
        assert (answer.probabilities.argmax(dim=-1) == targets.argmax(dim=-1)).all()


@pytest.mark.parametrize("name", SMALLEST)
def test_a_family_tells_that_a_window_is_like_nothing_that_it_learnt_from(case, name):
    one = case(name)
    inputs = one.windows.rows(slice(0, 6))
    time_s = torch.arange(one.spec.window_samples) / one.data.sampling_rate_hz
    struck = torch.exp(-3000.0 * (time_s % (1 / 70.8))) * torch.sin(2 * np.pi * 1500.0 * time_s)
    noise = 0.1 * torch.randn(6, 1, len(time_s), generator=torch.Generator().manual_seed(0))
    inputs["waveform"] = 4.0 * struck + noise
    targets = one.windows.targets
    learnt = targets[:, 0] > 0.5 if one.spec.task == "one_class" else targets.any(dim=1)
    with torch.no_grad():
        known, unlike = (one.taught(*some.values()).novelty for some in (one.windows.inputs, inputs))
    assert unlike.min() > known[learnt].max()


@pytest.mark.parametrize("name", SMALLEST)
def test_a_family_gives_the_same_weights_under_the_same_seed(case, name):
    one = case(name)
    first, again, other = (weights(one.learnt(seed=seed, epochs=1)) for seed in (1, 1, 2))
    assert first == again
    assert (first == other) == (name in UNSEEDED)


@pytest.mark.parametrize("name", SMALLEST)
def test_a_family_goes_on_from_its_state_as_if_nothing_had_happened(case, name):
    one = case(name)
    again = one.build(seed=9)
    again.load_state_dict(one.taught.state_dict())
    inputs = tuple(values[:3] for values in one.windows.inputs.values())
    with torch.no_grad():
        found, expected = (model(*inputs).outputs() for model in (again.eval(), one.taught))
    assert found.keys() == expected.keys()
    assert all(torch.equal(value, expected[name]) for name, value in found.items())


@pytest.mark.parametrize("name", SMALLEST)
def test_the_exported_graph_answers_as_the_module_does_whatever_the_batch(case, name):
    one = case(name)
    model, content = one.taught, one.exported.SerializeToString(deterministic=True)
    graph = onnx.load_from_string(content).graph
    onnx.checker.check_model(content)
    assert not {node.op_type for node in graph.node} & {"DFT", "STFT"}
    assert b".py" not in content
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    assert tuple(taken.name for taken in session.get_inputs()) == one.spec.inputs
    for batch in BATCHES:
        rows = one.windows.rows(slice(0, batch))
        told = session.run(None, {taken: values.numpy() for taken, values in rows.items()})
        with torch.no_grad():
            expected = model(*rows.values()).outputs()
        assert [output.name for output in session.get_outputs()] == [*expected]
        for (name_of, value), output in zip(expected.items(), told, strict=True):
            assert np.allclose(output, value.numpy(), rtol=1e-3, atol=1e-3), name_of


@pytest.mark.parametrize("task", ["multiclass", "multilabel", "one_class"])
@pytest.mark.parametrize("name", SMALLEST)
def test_a_family_does_a_task_or_refuses_it(case, name, task):
    one = case(name)
    names = ("healthy",) if task == "one_class" else one.data.class_names
    data = one.data.model_copy(update={"targets": Targets(fault=task), "class_names": names})
    try:
        spec = one.preset.config.model_spec(name, data, one.bases)
    except UnsuitableData as refusal:
        assert f"does not learn the task '{task}'" in str(refusal)  # noqa: PT017 - it may do the task
    except UnsuitableBase as refusal:
        assert "multiclass" in str(refusal)  # noqa: PT017 - members that do another task
    else:
        assert spec.task == task


@pytest.mark.parametrize("name", PRESETS)
def test_records_that_are_too_short_are_refused(case, name):
    one = case(name)
    with pytest.raises(UnsuitableData, match="window"):
        one.preset.config.model_spec(name, one.data.model_copy(update={"record_samples": 63}), one.bases)
