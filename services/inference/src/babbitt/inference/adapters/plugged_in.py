"""Engines of other distributions, held to what ONNX Runtime answers: a version serves as what it was evaluated."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.inference.adapters.onnx_runtime import OnnxRuntime, finite
from babbitt.inference.domain.outputs import PROBABILITIES, WAVEFORM, Inputs, Outputs
from babbitt.inference.domain.question import Model
from babbitt.inference.errors import ModelBroke, ModelUnusable

ENTRY_POINTS = "babbitt.engines"
"""Group whose entry points name engines: what they load is called with the number of threads."""
PARITY = 1e-3
"""Worst difference of a probability from the ONNX file's: what the exporter is held to, too."""


class Runner(Protocol):
    """A model of another distribution's engine."""

    def run(self, inputs: Inputs) -> Mapping[str, np.ndarray]:
        """Outputs of windows by name, float32.

        Raises:
            RuntimeError, ValueError: it failed.
        """
        ...


class Plugin(Protocol):
    """An engine of another distribution."""

    def load(self, weights: bytes, data: DataSpec, spec: ModelSpec) -> Runner:
        """A model of its module's tensors.

        Raises:
            ValueError: it cannot be had of them, and why, in one line.
        """
        ...


class PluggedIn:
    """An engine that needs weights.

    Args:
        name: for people.
        plugin: what it is.
        reference: what its answers are held against, once, when a model is loaded.
    """

    needs_weights = True

    def __init__(self, name: str, plugin: Plugin, reference: OnnxRuntime) -> None:
        self._name, self._plugin, self._reference = name, plugin, reference

    def load(self, content: bytes, data: DataSpec, spec: ModelSpec, weights: bytes | None = None) -> Model:
        """As `Engine` says. The file is loaded too, and answers the first window beside the engine.

        Raises:
            ModelUnusable: also where it has no weights, or answers otherwise than its file.
        """
        file = self._reference.load(content, data, spec)
        if weights is None:
            raise ModelUnusable(f"it has no weights beside its file, which the engine {self._name} needs")
        try:
            model = _Checked(self._plugin.load(weights, data, spec), file.outputs)
        except ValueError as error:
            raise ModelUnusable(f"the engine {self._name} cannot load it: {error}") from error
        window = file.example | {WAVEFORM: _noise(file.example[WAVEFORM].shape)}
        try:
            difference = float(np.abs(model.run(window)[PROBABILITIES] - file.run(window)[PROBABILITIES]).max())
        except (ModelBroke, ValueError) as error:
            raise ModelUnusable(f"the engine {self._name} cannot run it: {error}") from error
        if difference > PARITY:
            raise ModelUnusable(
                f"by the engine {self._name} a probability differs by {difference:.2g} from what its file says; "
                f"{PARITY:g} is accepted: eight bits, or a preset that has changed since, are served by onnxruntime"
            )
        return model


class _Checked:
    """A model whose failures are told as everybody's."""

    def __init__(self, runner: Runner, outputs: list[str]) -> None:
        self._runner, self._outputs = runner, outputs

    def run(self, inputs: Inputs) -> Outputs:
        """As `Model` says."""
        try:
            said = self._runner.run(inputs)
            return finite({name: np.asarray(said[name], np.float32) for name in self._outputs})
        except (RuntimeError, ValueError, KeyError) as error:
            raise ModelBroke(f"the model failed: {error}") from error


def _noise(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)
