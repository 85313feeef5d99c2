from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from babbitt.training.fitting.variants import int8
from babbitt.training.fitting.variants.errors import NotMade
from babbitt.training.fitting.variants.parts import Parts
from babbitt.training.fitting.variants.quantisation_aware import RoundedWeight, fine_tuned
from babbitt.training.fitting.variants.trials import calibration_inputs

pytestmark = pytest.mark.thorough


def plenty():
    return 60.0


def test_weights_end_on_the_grid_of_int8_and_the_module_that_was_given_stays_as_it_was(net, examples, recipe):
    before = {name: value.clone() for name, value in net.state_dict().items()}
    tuned = fine_tuned(net, examples, recipe, 0, plenty)
    assert tuned.state_dict().keys() == before.keys()
    for name, value in net.state_dict().items():
        assert torch.equal(value, before[name])
    for layer in (tuned.body[0], tuned.body[3], tuned.classes):
        weight = layer.weight.flatten(start_dim=1)
        steps = weight / (weight.abs().amax(dim=1, keepdim=True) / 64)
        assert torch.allclose(steps, steps.round(), atol=1e-3)
    assert not torch.equal(tuned.body[0].weight, RoundedWeight()(net.body[0].weight))  # it has learnt, too


def test_the_quantizer_finds_the_very_weights_that_were_learnt_and_they_fit_the_front_end_that_was_there(
    net, examples, recipe, exported, training, validation
):
    tuned = fine_tuned(net, examples, recipe, 0, plenty)
    learnt = {name for name, _ in tuned.named_parameters()}
    calibration = calibration_inputs(training)
    head = int8.static(Parts.of(tuned.to_onnx(training.rows(slice(0, 2))), learnt), calibration)
    constants = {one.name: onnx.numpy_helper.to_array(one) for one in head.graph.initializer}
    (node,) = (
        node
        for node in head.graph.node
        if node.op_type == "DequantizeLinear" and constants.get(node.input[0], np.empty(0)).shape == (32, 16, 9)
    )
    grid, scale = (constants[name] for name in node.input[:2])
    assert np.allclose(grid * scale[:, None, None], tuned.body[3].weight.numpy(), atol=1e-6)
    whole = Parts.of(onnx.load(exported), learnt).joined(head)
    session = onnxruntime.InferenceSession(whole.SerializeToString(), providers=["CPUExecutionProvider"])
    (said,) = session.run(["probabilities"], {"waveform": validation.inputs["waveform"].numpy()})
    expected = tuned(*validation.inputs.values()).probabilities.detach().numpy()
    assert np.abs(np.asarray(said) - expected).max() < 0.05


def test_the_same_seed_gives_the_same_weights(net, examples, recipe):
    one, other = (fine_tuned(net, examples, recipe, 0, plenty).body[0].weight for _ in range(2))
    assert torch.equal(one, other)


def test_rounding_stays_within_half_a_step_and_passes_gradients_through():
    weight = torch.tensor([[1.28, 0.504, -0.2], [12.8, 0.0, -3.06]], requires_grad=True)
    rounded = RoundedWeight()(weight)
    assert torch.allclose(rounded, torch.tensor([[1.28, 0.50, -0.2], [12.8, 0.0, -3.0]]))
    rounded.sum().backward()
    assert weight.grad is not None
    assert torch.equal(weight.grad, torch.ones(2, 3))


def test_a_loss_that_is_no_number_ends_it(net, examples, recipe):
    with pytest.raises(NotMade, match="no longer a number"):
        fine_tuned(net, examples, replace(recipe, learning_rate=1e30), 0, plenty)


def test_it_ends_when_time_is_up(net, examples, recipe):
    left = iter([1.0, 1.0, 0.0])
    with pytest.raises(NotMade, match="no time"):
        fine_tuned(net, examples, recipe, 0, lambda: next(left))
