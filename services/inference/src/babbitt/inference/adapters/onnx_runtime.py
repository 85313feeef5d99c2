"""Models by ONNX Runtime, on a processor or on what its build has kernels for."""

import os
from collections.abc import Sequence
from typing import cast

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before the import: it otherwise writes a device id into the user's cache

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as states  # pyright: ignore[reportAttributeAccessIssue] - binary

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.operation import speeds_seen_hz
from babbitt.inference.domain.outputs import (
    FAULT_ORDERS,
    NOVELTY,
    PROBABILITIES,
    REFINED_SPEED,
    SEVERITY,
    SHAFT_SPEED,
    WAVEFORM,
    Floats,
    Inputs,
    Outputs,
)
from babbitt.inference.errors import ModelBroke, ModelUnusable

_ERRORS: tuple[type[Exception], ...] = (
    RuntimeError,
    ValueError,
    *(kind for kind in vars(states).values() if isinstance(kind, type) and issubclass(kind, Exception)),
)
"""All that a session raises: the library's own errors have no base in common."""
_SOME_SPEED_HZ = (30.0, 30.0)
_SOME_ORDERS = (3.58, 5.42, 2.36, 0.40)
"""What a machine may well be like, to warm a model up."""


type Provider = str | tuple[str, dict[str, str]]
PROCESSOR = "CPUExecutionProvider"


class OnnxModel:
    """A session of one ONNX file; several threads may run it at once.

    Args:
        session: the file, loaded.
        outputs: those that are asked for.
        example: one window that it reads.
    """

    def __init__(self, session: onnxruntime.InferenceSession, outputs: list[str], example: Inputs) -> None:
        self._session = session
        self.outputs = outputs
        self.example = example

    def run(self, inputs: Inputs) -> Outputs:
        """What it says of windows.

        Args:
            inputs: what its ModelSpec names, float32.

        Raises:
            ModelBroke: it failed, or what it gave is not finite.
        """
        try:
            outputs = self.answered(inputs)
        except _ERRORS as error:
            raise ModelBroke(f"the model failed: {error}") from error
        return finite(outputs)

    def answered(self, inputs: Inputs) -> Outputs:
        """As `run`, with whatever the library raises, and whatever numbers the model gives."""
        values = cast("list[Floats]", self._session.run(self.outputs, inputs))
        return dict(zip(self.outputs, values, strict=True))


class OnnxRuntime:
    """Makes sessions.

    Args:
        intra_op_threads: threads that one run uses.
        providers: what runs a graph's nodes, the first that has a kernel for one; with options where they have any.
    """

    needs_weights = False

    def __init__(self, intra_op_threads: int = 1, providers: Sequence[Provider] = (PROCESSOR,)) -> None:
        self._providers = list(providers)
        self._options = onnxruntime.SessionOptions()
        self._options.intra_op_num_threads = intra_op_threads
        self._options.inter_op_num_threads = 1
        self._options.log_severity_level = 3
        self._options.add_session_config_entry("session.intra_op.allow_spinning", "0")

    def session(self, content: bytes) -> onnxruntime.InferenceSession:
        """A session of an ONNX file, with whatever the library raises."""
        return onnxruntime.InferenceSession(content, self._options, providers=self._providers)

    def load(self, content: bytes, data: DataSpec, spec: ModelSpec, weights: bytes | None = None) -> OnnxModel:
        """Load an ONNX file, warm it up with one window, and hold what it reads and says against its specifications.

        Blocks, so it runs in a thread.

        Raises:
            ModelUnusable: it cannot be loaded, needs other inputs, or answers in another shape.
        """
        del weights  # they are in the file
        try:
            session = self.session(content)
            model = OnnxModel(session, _outputs(session, data, spec), _window(session, data, spec))
            outputs = model.answered(model.example)
        except _ERRORS as error:
            raise ModelUnusable(f"it cannot be loaded: {error}") from error
        for name, values in outputs.items():
            expected = (1, len(spec.class_names)) if name == PROBABILITIES else (1,)
            if values.shape != expected:
                raise ModelUnusable(f"{name} of a window have shape {values.shape}: {expected} is needed")
        return model


def finite(outputs: Outputs) -> Outputs:
    """The same, checked.

    Raises:
        ModelBroke: a number is none.
    """
    for name, values in outputs.items():
        if not np.isfinite(values).all():
            raise ModelBroke(f"the model gave {name} that are not finite")
    return outputs


def _outputs(session: onnxruntime.InferenceSession, data: DataSpec, spec: ModelSpec) -> list[str]:
    """The outputs that an answer needs."""
    wanted = [PROBABILITIES] if spec.novelty is None else [PROBABILITIES, NOVELTY]
    given = {output.name for output in session.get_outputs()}
    if missing := [name for name in wanted if name not in given]:
        raise ModelUnusable(f"it has no output {' and no '.join(missing)}, which its specification needs")
    also = [REFINED_SPEED, SEVERITY] if data.targets.severity else [REFINED_SPEED]
    return [*wanted, *(name for name in also if name in given)]


def _window(session: onnxruntime.InferenceSession, data: DataSpec, spec: ModelSpec) -> Inputs:
    """One window of zeros, and what may be told beside it."""
    window: Inputs = {
        WAVEFORM: np.zeros((1, len(data.channels), spec.window_samples), np.float32),
        SHAFT_SPEED: np.array([(speeds_seen_hz(spec, data) or _SOME_SPEED_HZ)[0]], np.float32),
        FAULT_ORDERS: np.array([_SOME_ORDERS], np.float32),
    }
    if WAVEFORM not in spec.inputs or not set(spec.inputs) <= set(window):
        raise ModelUnusable(f"it needs the inputs {', '.join(spec.inputs)}: {', '.join(window)} are served")
    if (reads := {one.name for one in session.get_inputs()}) != set(spec.inputs):
        raise ModelUnusable(f"it reads {', '.join(sorted(reads))}: its specification says {', '.join(spec.inputs)}")
    return {name: window[name] for name in spec.inputs}
