"""A version as training leaves it: a file, the module's tensors, and what both are."""

import io
from dataclasses import dataclass

import pytest
import torch

from babbitt.contracts.dataspec import Channel, DataSpec, ModelSpec
from babbitt.training.families.registry import load_presets


@dataclass(frozen=True)
class Version:
    onnx: bytes
    weights: bytes
    data: DataSpec
    spec: ModelSpec
    module: torch.nn.Module


def packed(tensors):
    """A file of tensors by name, as training writes it."""
    file = io.BytesIO()
    torch.save(tensors, file)
    return file.getvalue()


@pytest.fixture(scope="session")
def version():
    data = DataSpec(channels=(Channel(),), sampling_rate_hz=4096.0, record_samples=512, class_names=("a", "b", "c"))
    preset = load_presets().named("spectral_small")
    spec = preset.config.model_spec(preset.name, data)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    module = preset.config.build(data, spec).eval()
    graph = module.to_onnx({"waveform": torch.randn(2, 1, spec.window_samples)})
    yield Version(graph.SerializeToString(), packed(module.state_dict()), data, spec, module)
    torch.set_num_threads(threads)
