"""What the heartbeats say of GPUs."""

import pytest

from babbitt.chassis.settings import SettingsError
from babbitt.inference.adapters.devices import used_devices


@pytest.fixture(autouse=True)
def driver(monkeypatch, tmp_path):
    """Two devices, by a stand-in for NVIDIA's tool."""
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho GPU-1a; echo GPU-1b\n")
    tool.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.mark.parametrize("engine", ["cuda", "tensorrt", "pytorch"])
def test_an_engine_on_a_gpu_names_the_first_that_it_sees(engine, monkeypatch):
    assert [used.device for used in used_devices(engine)] == ["GPU-1a"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert [used.device for used in used_devices(engine)] == ["GPU-1b"]


@pytest.mark.parametrize("engine", ["cuda", "tensorrt"])
def test_an_engine_whose_gpu_nobody_names_is_refused(engine, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    with pytest.raises(SettingsError, match=f"BABBITT_INFERENCE_ENGINE: {engine} needs a GPU"):
        used_devices(engine)
    assert used_devices("pytorch") == (), "which runs on the processor, too"


def test_an_engine_on_the_processor_names_none():
    assert used_devices("onnxruntime") == ()
