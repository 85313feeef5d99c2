"""An ONNX file that was trained elsewhere: held against its specifications before anything else runs it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.training.fitting.errors import BadRequest
from babbitt.training.fitting.labelling import Labelling
from babbitt.training.fitting.variants.errors import TOOL_ERRORS

LARGEST_BYTES = 512 * 1024 * 1024
MOST_NODES = 100_000
ANSWER, NOVELTY = "probabilities", "novelty"
PROBE_WINDOWS = 3
ONNX_DOMAINS = ("", "ai.onnx")


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
        raise BadRequest(f"artifact: it cannot be loaded: {_said(error, path)}") from error
    _check_names(session, spec)
    probes = [_probe(windows, data, spec) for windows in (1, PROBE_WINDOWS)]
    try:
        answers = [np.asarray(session.run([ANSWER], probe)[0]) for probe in probes]
    except TOOL_ERRORS as error:
        raise BadRequest(f"artifact: it does not run: {_said(error, path)}") from error
    for windows, answer in zip((1, PROBE_WINDOWS), answers, strict=True):
        _check_answer(answer, windows, spec)


def check_classes(data: DataSpec, spec: ModelSpec) -> None:
    """Whether a file tells what the labels of a dataset say.

    Raises:
        BadRequest: the dataset has a class that the file does not name.
    """
    if unknown := [name for name in Labelling.of(data, spec.task, {}).class_names if name not in spec.class_names]:
        raise BadRequest(
            f"model_spec/class_names: the dataset tells {', '.join(unknown)}, which the file does not name: it names "
            f"{', '.join(spec.class_names)}; give the same faults the same names, in the order of the file's outputs"
        )


def _check_names(session: onnxruntime.InferenceSession, spec: ModelSpec) -> None:
    reads = [one.name for one in session.get_inputs()]
    tells = [one.name for one in session.get_outputs()]
    if set(reads) != set(spec.inputs):
        raise BadRequest(f"model_spec/inputs: the file reads {', '.join(reads)}, not {', '.join(spec.inputs)}")
    if ANSWER not in tells:
        raise BadRequest(f"artifact: it has no output {ANSWER}; it has {', '.join(tells)}")
    if spec.novelty and NOVELTY not in tells:
        raise BadRequest(f"model_spec/novelty: the file has no output {NOVELTY}; it has {', '.join(tells)}")


def _check_graph(path: Path) -> None:
    try:
        onnx.checker.check_model(str(path))  # of a path it tells by its own error what is no ONNX at all
        model = onnx.load(path, load_external_data=False)
    except TOOL_ERRORS as error:
        raise BadRequest(f"artifact: it is no ONNX file: {_said(error, path)}") from error
    newest = onnx.defs.onnx_opset_version()
    if beyond := [one.version for one in model.opset_import if one.domain in ONNX_DOMAINS and one.version > newest]:
        raise BadRequest(f"artifact: its operators are those of opset {beyond[0]}; up to {newest} is accepted")
    if any(tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in _tensors(model.graph)):
        raise BadRequest("artifact: its weights lie in other files; a file that holds them itself is accepted")
    if len(model.graph.node) > MOST_NODES:
        raise BadRequest(f"artifact: {len(model.graph.node)} nodes; at most {MOST_NODES} are accepted")


def _tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    """Those that a graph holds itself, in the branches of its nodes too."""
    yield from graph.initializer
    for attribute in (one for node in graph.node for one in node.attribute):
        yield from (attribute.t, *attribute.tensors)
        for branch in (attribute.g, *attribute.graphs):
            yield from _tensors(branch)


def _said(error: Exception, path: Path) -> str:
    """In a line, without the place where the file happens to lie here."""
    return str(error).splitlines()[0].replace(str(path), "the file")[:300]


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
