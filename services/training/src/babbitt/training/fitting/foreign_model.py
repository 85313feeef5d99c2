"""An ONNX file that was trained elsewhere: held against its specifications before anything else runs it."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.training.fitting.errors import BadRequest
from babbitt.training.fitting.variants.errors import TOOL_ERRORS

LARGEST_BYTES = 512 * 1024 * 1024
MOST_NODES = 100_000
ANSWER = "probabilities"
PROBE_WINDOWS = 3


def check_model(path: Path, data: DataSpec, spec: ModelSpec) -> None:
    """Hold a file against what it is said to read and answer.

    Raises:
        BadRequest: naming what is wrong and what is accepted.
    """
    if (size := path.stat().st_size) > LARGEST_BYTES:
        raise BadRequest(f"artifact: {size} bytes; at most {LARGEST_BYTES} are accepted")
    _check_graph(path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except TOOL_ERRORS as error:
        raise BadRequest(f"artifact: it cannot be loaded: {str(error).splitlines()[0][:300]}") from error
    _check_names(session, spec)
    probes = [_probe(windows, data, spec) for windows in (1, PROBE_WINDOWS)]
    try:
        answers = [np.asarray(session.run([ANSWER], probe)[0]) for probe in probes]
    except TOOL_ERRORS as error:
        raise BadRequest(f"artifact: it does not run: {str(error).splitlines()[0][:300]}") from error
    for windows, answer in zip((1, PROBE_WINDOWS), answers, strict=True):
        _check_answer(answer, windows, spec)


def _check_names(session: onnxruntime.InferenceSession, spec: ModelSpec) -> None:
    reads = [one.name for one in session.get_inputs()]
    tells = [one.name for one in session.get_outputs()]
    if set(reads) != set(spec.inputs):
        raise BadRequest(f"model_spec/inputs: the file reads {', '.join(reads)}, not {', '.join(spec.inputs)}")
    if ANSWER not in tells:
        raise BadRequest(f"artifact: it has no output {ANSWER}; it has {', '.join(tells)}")


def _check_graph(path: Path) -> None:
    try:
        onnx.checker.check_model(str(path))  # of a path it tells by its own error what is no ONNX at all
        model = onnx.load(path, load_external_data=False)
    except TOOL_ERRORS as error:
        raise BadRequest(f"artifact: it is no ONNX file: {str(error).splitlines()[0][:300]}") from error
    if any(tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in model.graph.initializer):
        raise BadRequest("artifact: its weights lie in other files; a file that holds them itself is accepted")
    if len(model.graph.node) > MOST_NODES:
        raise BadRequest(f"artifact: {len(model.graph.node)} nodes; at most {MOST_NODES} are accepted")


def _probe(windows: int, data: DataSpec, spec: ModelSpec) -> dict[str, NDArray[np.float32]]:
    draw = np.random.default_rng(0)
    shape = (windows, len(data.channels), spec.window_samples)
    of = {
        "waveform": draw.standard_normal(shape).astype(np.float32),
        "shaft_speed_hz": np.full(windows, 25.0, np.float32),
        "fault_orders": np.tile(np.array([3.6, 5.4, 2.4, 0.4], np.float32), (windows, 1)),
    }
    if unknown := [name for name in spec.inputs if name not in of]:
        raise BadRequest(f"model_spec/inputs: {unknown[0]} is not known; accepted: {', '.join(of)}")
    return {name: of[name] for name in spec.inputs}


def _check_answer(answer: NDArray[np.float32], windows: int, spec: ModelSpec) -> None:
    expected = (windows, len(spec.class_names))
    if answer.shape != expected:
        raise BadRequest(f"artifact: it answers {windows} windows with shape {answer.shape}; {expected} is accepted")
    if not np.isfinite(answer).all() or answer.min() < 0 or answer.max() > 1 + 1e-4:
        raise BadRequest("artifact: its probabilities do not lie between 0 and 1")
    if spec.task == "multiclass" and not np.allclose(answer.sum(axis=1), 1.0, atol=1e-3):
        raise BadRequest("artifact: its probabilities do not add up to 1")
