import numpy as np
import pytest

from babbitt.contracts.dataspec import NoveltyRule, Targets
from babbitt.inference.adapters.onnx_runtime import OnnxRuntime
from babbitt.inference.errors import ModelBroke, ModelUnusable


@pytest.fixture
def runtime():
    return OnnxRuntime()


def test_a_loaded_model_answers_every_window(runtime, tiny_onnx, data_spec, model_spec):
    model = runtime.load(tiny_onnx(), data_spec, model_spec)
    windows = np.stack([np.full((1, 64), level, dtype=np.float32) for level in (1, -1, 1)])
    assert model.run({"waveform": windows})["probabilities"].argmax(axis=1).tolist() == [1, 0, 1]


def test_a_model_says_what_its_specification_has_a_use_for(runtime, reading_onnx, data_spec, reading_spec):
    window = {
        "waveform": np.full((2, 1, 64), 3, np.float32),
        "shaft_speed_hz": np.float32([20, 40]),
        "fault_orders": np.float32([[3.6, 5.4, 2.4, 0.4]] * 2),
    }
    said = runtime.load(reading_onnx(), data_spec, reading_spec).run(window)
    assert said["novelty"].tolist() == [3, 3]
    assert said["refined_shaft_speed_hz"] == pytest.approx([20.2, 40.4])
    without_rule = reading_spec.model_copy(update={"novelty": None})
    assert "novelty" not in runtime.load(reading_onnx(), data_spec, without_rule).run(window)


def test_a_severity_is_asked_for_where_the_data_have_it(runtime, reading_onnx, data_spec, reading_spec):
    graph, without_rule = reading_onnx(novelty="severity"), reading_spec.model_copy(update={"novelty": None})
    graded = data_spec.model_copy(update={"targets": Targets(severity=True)})
    assert "severity" in runtime.load(graph, graded, without_rule).outputs
    assert "severity" not in runtime.load(graph, data_spec, without_rule).outputs


@pytest.mark.parametrize("content", [b"", b"not onnx", b"\x08\x0a" * 100])
def test_what_is_no_onnx_file_is_unusable(runtime, data_spec, model_spec, content):
    with pytest.raises(ModelUnusable, match="cannot be loaded"):
        runtime.load(content, data_spec, model_spec)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"classes": ("sain", "oilwhirl", "usure")}, "shape"),
        ({"window": 128}, "cannot be loaded"),
        ({"channels": 2}, "cannot be loaded"),
    ],
)
def test_a_model_that_is_not_what_its_specification_says_is_unusable(
    runtime, tiny_onnx, data_spec, model_spec, more, says
):
    with pytest.raises(ModelUnusable, match=says):
        runtime.load(tiny_onnx(**more), data_spec, model_spec)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"inputs": ("waveform", "load_percent")}, "waveform, shaft_speed_hz, fault_orders are served"),
        ({"inputs": ("shaft_speed_hz",)}, "are served"),
        ({"inputs": ("waveform", "shaft_speed_hz")}, "it reads waveform: its specification says waveform, shaft_speed"),
        ({"novelty": NoveltyRule(threshold=1.0)}, "no output novelty"),
    ],
)
def test_a_model_that_reads_or_says_other_things_than_its_specification_is_unusable(
    runtime, tiny_onnx, data_spec, model_spec, changed, says
):
    with pytest.raises(ModelUnusable, match=says):
        runtime.load(tiny_onnx(), data_spec, model_spec.model_copy(update=changed))


def test_a_run_that_fails_or_gives_no_number_is_told_as_such(runtime, tiny_onnx, data_spec, model_spec):
    model = runtime.load(tiny_onnx(root=True), data_spec, model_spec)
    with pytest.raises(ModelBroke, match="not finite"):
        model.run({"waveform": np.full((1, 1, 64), -1, dtype=np.float32)})
    with pytest.raises(ModelBroke, match="failed"):
        model.run({"waveform": np.zeros((1, 1, 32), dtype=np.float32)})
