"""The engine `pytorch`: the trained module itself, on CUDA where there is one."""

import io
import pickle
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.families.errors import UnknownPreset, UnsuitableBase, UnsuitableData
from babbitt.training.families.registry import load_presets


class TorchModel:
    """A module in evaluation mode.

    Args:
        module: on its device.
        device: where that is.
    """

    def __init__(self, module: WaveformClassifier, device: torch.device) -> None:
        self._module, self._device = module, device

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
        """Outputs of windows by name.

        Args:
            inputs: in the order of its ModelSpec, float32.

        Raises:
            RuntimeError: torch's own.
        """
        with torch.inference_mode():
            answer = self._module(*(torch.from_numpy(np.array(one)).to(self._device) for one in inputs.values()))
        return {name: value.cpu().numpy() for name, value in answer.outputs().items()}


class PytorchEngine:
    """Makes modules of their weights. A preset whose configuration a request has changed is not among them.

    Args:
        threads: of the processor, in the whole process.
    """

    def __init__(self, threads: int) -> None:
        torch.set_num_threads(threads)
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._presets = load_presets()

    def load(self, weights: bytes, data: DataSpec, spec: ModelSpec) -> TorchModel:
        """The module of a preset, with these weights.

        Args:
            weights: a file of tensors by name; nothing else in it is read.
            data: of the version.
            spec: likewise.

        Raises:
            ValueError: there is no such preset, it is made of other versions, or the weights are not its own.
        """
        try:
            module = self._presets.named(spec.family).config.build(data, spec)
            module.task = spec.task
            module.load_state_dict(_tensors(weights))
        except (UnknownPreset, UnsuitableBase, UnsuitableData, pickle.UnpicklingError) as error:
            raise ValueError(_line(error)) from error
        except (RuntimeError, EOFError, AssertionError) as error:
            raise ValueError(f"its weights do not fit the preset {spec.family}: {_line(error)}") from error
        return TorchModel(module.to(self._device).eval(), self._device)


def _tensors(weights: bytes) -> dict[str, Tensor]:
    return torch.load(io.BytesIO(weights), map_location="cpu", weights_only=True)


def _line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
