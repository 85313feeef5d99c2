"""Tiny models and what announces them."""

import hashlib
from datetime import UTC, datetime

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.dataspec import Channel, DataSpec, ModelSpec, NoveltyRule
from babbitt.contracts.models import AliasAssigned
from babbitt.contracts.names import new_id
from babbitt.contracts.predictions import PredictionRequested

RATE_HZ, WINDOW, HOP = 1_000.0, 64, 32
CLASSES = ("sain", "oilwhirl")


def _tiny_onnx(*, gain=10.0, root=False, centred=False, classes=CLASSES, window=WINDOW, channels=1):
    """ONNX bytes: `oilwhirl` where a window's mean is positive, else `sain`.

    With `root`, the square root of the mean is read, so a window of negative mean gives NaN. With `centred`, the
    deviation from the mean is standardised, as `spectral` begins, so a mean beyond single precision gives NaN.
    """
    weights = np.linspace(-gain, gain, len(classes), dtype=np.float32)[None]
    nodes = [helper.make_node("ReduceMean", ["waveform", "axes"], ["mean"], keepdims=1)]
    if centred:
        nodes = [
            helper.make_node("ReduceMean", ["waveform", "axes"], ["middle"], keepdims=1),
            helper.make_node("Sub", ["waveform", "middle"], ["deviation"]),
            helper.make_node("Mul", ["deviation", "deviation"], ["squared"]),
            helper.make_node("ReduceMean", ["squared", "axes"], ["power"], keepdims=1),
            helper.make_node("Add", ["power", "least"], ["positive"]),
            helper.make_node("Sqrt", ["positive"], ["rms"]),
            helper.make_node("Div", ["deviation", "rms"], ["standard"]),
            helper.make_node("ReduceMean", ["standard", "axes"], ["mean"], keepdims=1),
        ]
    nodes.append(helper.make_node("Flatten", ["mean"], ["flat"]))
    if root:
        nodes.append(helper.make_node("Sqrt", ["flat"], ["read"]))
    nodes.append(helper.make_node("MatMul", ["read" if root else "flat", "weights"], ["logits"]))
    nodes.append(helper.make_node("Softmax", ["logits"], ["probabilities"], axis=-1))
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("waveform", TensorProto.FLOAT, ["batch", channels, window])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", len(classes)])],
        [
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(np.array([1, 2], dtype=np.int64), "axes"),
            numpy_helper.from_array(np.array([1e-30], dtype=np.float32), "least"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model)
    return model.SerializeToString()


@pytest.fixture(scope="session")
def tiny_onnx():
    return _tiny_onnx


def _reading_onnx(*, novelty="novelty"):
    """ONNX bytes of a model that reads speed and orders: `oilwhirl` where BPFO comes more than 100 times a second.

    It refines the speed to a hundredth more; its novelty is the mean of the waveform.
    """
    nodes = [
        helper.make_node("Slice", ["fault_orders", "first", "second", "along"], ["bpfo"]),
        helper.make_node("Mul", ["shaft_speed_hz", "more"], ["refined_shaft_speed_hz"]),
        helper.make_node("Unsqueeze", ["shaft_speed_hz", "along"], ["speed"]),
        helper.make_node("Mul", ["bpfo", "speed"], ["bpfo_hz"]),
        helper.make_node("Sub", ["bpfo_hz", "hundred"], ["above"]),
        helper.make_node("MatMul", ["above", "weights"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=-1),
        helper.make_node("ReduceMean", ["waveform", "axes"], [novelty], keepdims=0),
    ]
    floats = {"more": [1.01], "hundred": [100], "weights": [[-1, 1]]}
    integers = {"first": [0], "second": [1], "along": [1], "axes": [1, 2]}
    shapes = {"fault_orders": ["batch", 4], "waveform": ["batch", 1, WINDOW], "shaft_speed_hz": ["batch"]}
    said = {"probabilities": ["batch", 2], "refined_shaft_speed_hz": ["batch"], novelty: ["batch"]}
    graph = helper.make_graph(
        nodes,
        "reading",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in said.items()],
        [numpy_helper.from_array(np.array(values, np.float32), name) for name, values in floats.items()]
        + [numpy_helper.from_array(np.array(values, np.int64), name) for name, values in integers.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()


@pytest.fixture(scope="session")
def reading_onnx():
    return _reading_onnx


@pytest.fixture(scope="session")
def reading_spec(model_spec):
    """What `reading_onnx` reads, with a rule for novelty."""
    inputs = ("waveform", "shaft_speed_hz", "fault_orders")
    return model_spec.model_copy(update={"inputs": inputs, "novelty": NoveltyRule(threshold=2.0)})


@pytest.fixture(scope="session")
def data_spec():
    return DataSpec(channels=(Channel(),), sampling_rate_hz=RATE_HZ, record_samples=WINDOW, class_names=CLASSES)


@pytest.fixture(scope="session")
def model_spec():
    return ModelSpec(family="tiny", window_samples=WINDOW, hop_samples=HOP, class_names=CLASSES)


@pytest.fixture(scope="session")
def assigned(data_spec, model_spec):
    def make(content, *, model="pump", reference="champion", version=1, **more):
        digest = hashlib.sha256(content).hexdigest()
        return AliasAssigned(
            **{
                "model": model,
                "reference": reference,
                "version": version,
                "artifact": ObjectReference(key=f"registry/artifacts/{digest}", sha256=digest, size_bytes=len(content)),
                "data_spec": data_spec,
                "model_spec": model_spec,
                "assigned_at": datetime(2026, 1, 1, tzinfo=UTC),
                **more,
            }
        )

    return make


@pytest.fixture(scope="session")
def waveform():
    def make(level=1.0, samples=WINDOW, channels=1):
        """A waveform float32 [channels, samples] whose mean is `level`."""
        return np.full((channels, samples), level, dtype=np.float32)

    return make


@pytest.fixture(scope="session")
def request_for():
    def make(**more):
        fields = {
            "prediction_id": new_id(),
            "model": "pump",
            "reference": "champion",
            "sampling_rate_hz": RATE_HZ,
            "deadline_ms": int(datetime.now(UTC).timestamp() * 1000) + 30_000,
        }
        return PredictionRequested(**(fields | more))

    return make
