import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from babbitt.training.fitting.variants import int8
from babbitt.training.fitting.variants.errors import NotMade
from babbitt.training.fitting.variants.float16 import half_precision
from babbitt.training.fitting.variants.parts import Parts
from babbitt.training.fitting.variants.trials import calibration_inputs

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def parts(exported, net):
    return Parts.of(onnx.load(exported), {name for name, _ in net.named_parameters()})


@pytest.fixture(scope="module")
def heads(parts, training):
    """What each variant makes of the head."""
    return {
        "float32": parts.head,
        "float16": half_precision(parts.head),
        "int8_static": int8.static(parts, calibration_inputs(training)),
        "int8_dynamic": int8.dynamic(parts),
    }


def answers(model, inputs, names):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return [np.asarray(one) for one in session.run(names, {name: values.numpy() for name, values in inputs.items()})]


def test_a_graph_is_cut_before_the_first_layer_that_learnt_and_what_goes_past_it_is_in_the_front_end(parts):
    assert len(parts.cut) == 2  # the waveform at RMS 1, and its level
    assert "Conv" not in {node.op_type for node in parts.front.graph.node}
    assert [node.op_type for node in parts.head.graph.node].count("Conv") == 2


def test_both_parts_together_answer_as_the_whole_did(parts, exported, validation):
    names = ["logits", "probabilities", "embedding"]
    whole, again = (
        answers(model, validation.inputs, names) for model in (onnx.load(exported), parts.joined(parts.head))
    )
    for one, other in zip(whole, again, strict=True):
        assert np.allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("variant", ["float16", "int8_static", "int8_dynamic"])
def test_no_variant_touches_the_front_end(parts, heads, validation, variant):
    model = parts.joined(heads[variant])
    model.graph.output.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in parts.cut
    )
    whole = parts.joined(parts.head)
    whole.graph.output.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in parts.cut
    )
    for one, other in zip(*(answers(m, validation.inputs, list(parts.cut)) for m in (model, whole)), strict=True):
        assert np.array_equal(one, other)


def test_static_eight_bits_hold_a_scale_for_each_channel_and_leave_the_last_layer_alone(heads):
    graph = heads["int8_static"].graph
    constants = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}
    weights = {name: value for name, value in constants.items() if value.dtype == np.int8 and value.ndim == 3}
    assert sorted(len(value) for value in weights.values()) == [16, 32]
    assert {int(np.abs(value).max()) for value in weights.values()} == {64}  # so that no processor saturates
    scales = [
        constants[node.input[1]]
        for node in graph.node
        if node.op_type == "DequantizeLinear" and node.input[0] in weights
    ]
    assert sorted(len(scale) for scale in scales) == [16, 32]
    (last,) = (node for node in graph.node if "logits" in node.output)
    assert constants[last.input[1]].dtype == np.float32


@pytest.mark.parametrize("variant", ["float16", "int8_static", "int8_dynamic"])
def test_novelty_is_the_distance_of_a_variants_own_embedding_and_is_not_computed_in_eight_bits(
    parts, heads, net, validation, variant
):
    embedding, novelty = answers(parts.joined(heads[variant]), validation.inputs, ["embedding", "novelty"])
    expected = net.novelty(torch.from_numpy(embedding)).numpy()
    assert np.allclose(novelty, expected, rtol=5e-3)


def test_half_precision_reads_and_answers_in_single(heads):
    graph = heads["float16"].graph
    assert {value.type.tensor_type.elem_type for value in (*graph.input, *graph.output)} == {onnx.TensorProto.FLOAT}
    weights = [one for one in graph.initializer if len(one.dims) == 3]
    assert {one.data_type for one in weights} == {onnx.TensorProto.FLOAT16}


def test_ranges_are_taken_from_noise_too(training):
    waveform = calibration_inputs(training)["waveform"]
    assert torch.equal(waveform[0], training.inputs["waveform"][0])
    assert not torch.equal(waveform[1], training.inputs["waveform"][1])


def test_an_output_that_lies_at_the_cut_stays_an_output(exported, validation):
    last = Parts.of(onnx.load(exported), {"classes.weight"})
    assert last.cut == ("embedding",)
    halved = last.joined(half_precision(last.head))
    assert [value.name for value in halved.graph.output] == ["logits", "probabilities", "embedding", "novelty"]
    (one,), (other,) = (answers(m, validation.inputs, ["embedding"]) for m in (halved, onnx.load(exported)))
    assert np.array_equal(one, other)


def test_a_head_without_weights_has_nothing_to_make_smaller(exported):
    with pytest.raises(NotMade, match="no net with weights"):
        Parts.of(onnx.load(exported), ())


def test_a_head_of_one_layer_has_nothing_to_quantize(exported, training):
    last = Parts.of(onnx.load(exported), {"classes.weight"})
    with pytest.raises(NotMade, match="no layer of its head but the last"):
        int8.static(last, calibration_inputs(training))
