"""Models by ONNX Runtime, on the CPU."""

import os
from typing import cast

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before the import: it otherwise writes a device id into the user's cache

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as states  # pyright: ignore[reportAttributeAccessIssue] - binary

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.waveform import Samples
from babbitt.inference.domain.vote import Probabilities
from babbitt.inference.errors import ModelBroke, ModelUnusable

_INPUT, _OUTPUT = "waveform", "probabilities"
_ERRORS: tuple[type[Exception], ...] = (
    RuntimeError,
    ValueError,
    *(kind for kind in vars(states).values() if isinstance(kind, type) and issubclass(kind, Exception)),
)
"""All that a session raises: the library's own errors have no base in common."""


class OnnxModel:
    """A session of one ONNX file; several threads may run it at once."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session

    def run(self, windows: Samples) -> Probabilities:
        """Probabilities [windows, classes] of windows [windows, channels, samples].

        Raises:
            ModelBroke: it failed, or what it gave is not finite.
        """
        try:
            probabilities = _run(self._session, windows)
        except _ERRORS as error:
            raise ModelBroke(f"the model failed: {error}") from error
        if not np.isfinite(probabilities).all():
            raise ModelBroke("the model gave a probability that is not finite")
        return probabilities


class OnnxRuntime:
    """Makes sessions.

    Args:
        intra_op_threads: threads that one run uses.
    """

    def __init__(self, intra_op_threads: int = 1) -> None:
        self._options = onnxruntime.SessionOptions()
        self._options.intra_op_num_threads = intra_op_threads
        self._options.inter_op_num_threads = 1
        self._options.log_severity_level = 3
        self._options.add_session_config_entry("session.intra_op.allow_spinning", "0")

    def load(self, content: bytes, data: DataSpec, spec: ModelSpec) -> OnnxModel:
        """Load an ONNX file, warm it up with one window of zeros, and hold its shapes against its specifications.

        Blocks, so it runs in a thread.

        Raises:
            ModelUnusable: it cannot be loaded, needs other inputs, or answers in another shape.
        """
        if spec.inputs != (_INPUT,):
            raise ModelUnusable(f"it needs the inputs {', '.join(spec.inputs)}: {_INPUT} alone is served")
        try:
            session = onnxruntime.InferenceSession(content, self._options, providers=["CPUExecutionProvider"])
            zeros = np.zeros((1, len(data.channels), spec.window_samples), dtype=np.float32)
            probabilities = _run(session, zeros)
        except _ERRORS as error:
            raise ModelUnusable(f"it cannot be loaded: {error}") from error
        expected = (1, len(spec.class_names))
        if probabilities.shape != expected:
            raise ModelUnusable(f"it answers a window with shape {probabilities.shape}: {expected} is needed")
        return OnnxModel(session)


def _run(session: onnxruntime.InferenceSession, windows: Samples) -> Probabilities:
    return cast("Probabilities", session.run([_OUTPUT], {_INPUT: windows})[0])
