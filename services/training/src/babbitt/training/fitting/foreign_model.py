"""An ONNX file that was trained elsewhere: held against its specifications before anything else runs it."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.manifests import DatasetManifest
from babbitt.training.fitting.errors import BadRequest
from babbitt.training.fitting.foreign_graph import check_graph, said
from babbitt.training.fitting.labelling import Labelling
from babbitt.training.fitting.variants.errors import TOOL_ERRORS

ANSWER, NOVELTY = "probabilities", "novelty"
PROBE_WINDOWS = 3
MOST_WINDOWS = 10_000


def check_model(path: Path, data: DataSpec, spec: ModelSpec) -> None:
    """Hold a file against what it is said to read and answer.

    Raises:
        BadRequest: naming what is wrong and what is accepted.
    """
    check_graph(path)
    with TemporaryDirectory() as alone:  # nothing lies beside it that it could read
        _check_answers(Path(shutil.copy(path, alone)), data, spec)


def _check_answers(path: Path, data: DataSpec, spec: ModelSpec) -> None:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except (MemoryError, *TOOL_ERRORS) as error:
        raise BadRequest(f"artifact: it cannot be loaded: {said(error, path)}") from error
    _check_names(session, spec)
    probes = [_probe(windows, data, spec) for windows in (1, PROBE_WINDOWS)]
    try:
        answers = [np.asarray(session.run([ANSWER], probe)[0]) for probe in probes]
    except (MemoryError, *TOOL_ERRORS) as error:
        raise BadRequest(f"artifact: it does not run: {said(error, path)}") from error
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


def check_windows(manifest: DatasetManifest, spec: ModelSpec) -> None:
    """Whether records can be cut into such windows, and not into so many that nobody waits for them.

    Raises:
        BadRequest: a record is shorter than a window, or has more than 10,000 of them.
    """
    shortest = manifest.data_spec.record_samples
    if spec.window_samples > shortest:
        raise BadRequest(
            f"model_spec/window_samples: {spec.window_samples}; the dataset's shortest record has {shortest} samples"
        )
    longest = max((entry.samples for entry in manifest.records), default=shortest)
    windows = 1 - (spec.window_samples - longest) // spec.hop_samples
    if windows > MOST_WINDOWS:
        raise BadRequest(
            f"model_spec/hop_samples: {spec.hop_samples} cuts a record of {longest} samples into {windows} windows; "
            f"at most {MOST_WINDOWS} are accepted"
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
