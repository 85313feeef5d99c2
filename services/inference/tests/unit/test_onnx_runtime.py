import numpy as np
import pytest

from babbitt.inference.adapters.onnx_runtime import OnnxRuntime
from babbitt.inference.errors import ModelBroke, ModelUnusable


@pytest.fixture
def runtime():
    return OnnxRuntime()


def test_a_loaded_model_answers_every_window(runtime, tiny_onnx, data_spec, model_spec):
    model = runtime.load(tiny_onnx(), data_spec, model_spec)
    windows = np.stack([np.full((1, 64), level, dtype=np.float32) for level in (1, -1, 1)])
    assert model.run(windows).argmax(axis=1).tolist() == [1, 0, 1]


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


def test_a_model_that_needs_other_inputs_is_unusable(runtime, tiny_onnx, data_spec, model_spec):
    spec = model_spec.model_copy(update={"inputs": ("waveform", "shaft_speed_hz")})
    with pytest.raises(ModelUnusable, match="shaft_speed_hz"):
        runtime.load(tiny_onnx(), data_spec, spec)


def test_a_run_that_fails_or_gives_no_number_is_told_as_such(runtime, tiny_onnx, data_spec, model_spec):
    model = runtime.load(tiny_onnx(root=True), data_spec, model_spec)
    with pytest.raises(ModelBroke, match="not finite"):
        model.run(np.full((1, 1, 64), -1, dtype=np.float32))
    with pytest.raises(ModelBroke, match="failed"):
        model.run(np.zeros((1, 1, 32), dtype=np.float32))
