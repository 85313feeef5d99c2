"""Engines by name. One whose package or hardware is not here is refused before anything is served."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Literal, Self

import onnxruntime

from babbitt.chassis.settings import SettingsError
from babbitt.inference.adapters.onnx_runtime import PROCESSOR, OnnxRuntime, Provider
from babbitt.inference.adapters.plugged_in import ENTRY_POINTS, PluggedIn
from babbitt.inference.application.load_model import Engine

type EngineName = Literal["onnxruntime", "cuda", "tensorrt", "pytorch"]

BUILT_IN = "onnxruntime"
CUDA, TENSORRT = "CUDAExecutionProvider", "TensorrtExecutionProvider"
PROVIDERS = {"cuda": CUDA, "tensorrt": TENSORRT}
PACKAGES = {
    "cuda": "the package onnxruntime-gpu instead of onnxruntime, and an NVIDIA driver",
    "tensorrt": "the package onnxruntime-gpu instead of onnxruntime, TensorRT's libraries, and an NVIDIA driver",
    "pytorch": "the distribution babbitt-training, which brings torch",
}
SMALLEST_GRAPH = (
    b'\x08\n\x12\x00:3\n\x0c\n\x01a\x12\x01b"\x04Relu\x12\x01pZ\x0f\n\x01a\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01'
    b"b\x0f\n\x01b\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01B\x04\n\x00\x10\x12"
)
"""An ONNX file: b = Relu(a), one number each. What cannot run it has no device."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What engines there may be.

    Attributes:
        providers: what ONNX Runtime was built with.
        offered: engines of other distributions, by name.
    """

    providers: tuple[str, ...]
    offered: Mapping[str, EntryPoint]

    @classmethod
    def here(cls) -> Self:
        """In this process's environment."""
        return cls(
            tuple(onnxruntime.get_available_providers()),
            {entry.name: entry for entry in entry_points(group=ENTRY_POINTS)},
        )

    def engine(self, name: EngineName, threads: int, cache: Path) -> Engine:
        """The engine of that name.

        Args:
            name: see `InferenceSettings.engine`.
            threads: that one run uses on the processor.
            cache: where engines keep what takes them long to make.

        Raises:
            SettingsError: it is not to be had here: what is missing, and what is accepted.
        """
        if name == BUILT_IN:
            return OnnxRuntime(threads)
        if name in PROVIDERS:
            return self._accelerated(name, threads, cache)
        if name not in self.offered:
            raise self._refused(name, "no installed distribution offers it")
        try:
            return PluggedIn(name, self.offered[name].load()(threads), OnnxRuntime(threads))
        except ImportError as error:
            raise self._refused(name, f"it cannot be imported: {error}") from error

    def _accelerated(self, name: str, threads: int, cache: Path) -> OnnxRuntime:
        wanted = PROVIDERS[name]
        if wanted not in self.providers:
            raise self._refused(name, f"this ONNX Runtime has no {wanted}, but {', '.join(self.providers)}")
        providers: list[Provider] = [CUDA, PROCESSOR]
        if name == "tensorrt":
            folder = cache / ".tensorrt"
            folder.mkdir(parents=True, exist_ok=True)
            providers.insert(0, (TENSORRT, {"trt_engine_cache_enable": "True", "trt_engine_cache_path": str(folder)}))
        runtime = OnnxRuntime(threads, providers)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it falls back to the processor with a warning: here that is a refusal
            runs_on = runtime.session(SMALLEST_GRAPH).get_providers()
        if wanted not in runs_on:
            raise self._refused(name, f"{wanted} finds no device, or not its libraries")
        return runtime

    def _refused(self, name: str, missing: str) -> SettingsError:
        built = [other for other, provider in PROVIDERS.items() if provider in self.providers]
        accepted = [other for other in (BUILT_IN, *built, *sorted(self.offered)) if other != name]
        return SettingsError(
            f"BABBITT_INFERENCE_ENGINE: {name} is not to be had here: {missing}. It needs {PACKAGES[name]}. "
            f"Accepted here: {', '.join(accepted)}"
        )
