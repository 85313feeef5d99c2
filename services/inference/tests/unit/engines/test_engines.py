import copy
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
import torch
from services.inference.tests.unit.engines.conftest import packed

from babbitt.chassis.settings import SettingsError
from babbitt.inference.adapters.engines import Installed
from babbitt.inference.errors import ModelBroke, ModelUnusable

pytestmark = pytest.mark.thorough


def window(level=1.0, windows=1, channels=1):
    noise = np.random.default_rng(0).standard_normal((windows, channels, 512), dtype=np.float32)
    return {"waveform": level * noise}


@pytest.fixture(scope="module", params=["onnxruntime", "pytorch"])
def engine(request, tmp_path_factory):
    """Every engine that runs on a processor."""
    return Installed.here().engine(request.param, 1, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def model(engine, version):
    return engine.load(version.onnx, version.data, version.spec, version.weights)


class TestAnyEngine:
    def test_answers_as_the_module_that_was_trained(self, model, version):
        with torch.no_grad():
            expected = version.module(torch.from_numpy(window(windows=3)["waveform"])).probabilities.numpy()
        said = model.run(window(windows=3))["probabilities"]
        assert said.dtype == np.float32
        np.testing.assert_allclose(said, expected, atol=1e-4)

    def test_tells_only_what_an_answer_needs(self, model):
        assert set(model.run(window())) == {"probabilities"}

    def test_runs_in_several_threads_at_once(self, model):
        levels = [1.0, 2.0, 4.0, 8.0] * 3
        alone = [model.run(window(level))["probabilities"] for level in levels]
        with ThreadPoolExecutor(4) as threads:
            together = list(threads.map(lambda level: model.run(window(level))["probabilities"], levels))
        for one, other in zip(alone, together, strict=True):
            np.testing.assert_array_equal(one, other)

    def test_leaves_what_it_was_given_as_it_was(self, model):
        given = window()
        model.run(given)
        np.testing.assert_array_equal(given["waveform"], window()["waveform"])

    @pytest.mark.parametrize("wrong", [window(np.nan), {"waveform": np.zeros((1, 1, 7), np.float32)}])
    def test_a_run_that_fails_or_gives_no_number_is_told_as_such(self, model, wrong):
        with pytest.raises(ModelBroke):
            model.run(wrong)

    def test_what_is_no_model_is_unusable(self, engine, version):
        with pytest.raises(ModelUnusable):
            engine.load(b"not onnx", version.data, version.spec, b"no weights")

    def test_a_file_that_is_not_what_its_specification_says_is_unusable(self, engine, version):
        spec = version.spec.model_copy(update={"class_names": ("a", "b")})
        with pytest.raises(ModelUnusable, match="shape"):
            engine.load(version.onnx, version.data, spec, version.weights)


class TestTorch:
    @pytest.fixture
    def load(self, version, tmp_path):
        engine = Installed.here().engine("pytorch", 1, tmp_path)
        return lambda weights, **changed: engine.load(
            version.onnx, version.data, version.spec.model_copy(update=changed), weights
        )

    def test_a_version_without_weights_is_unusable(self, load):
        with pytest.raises(ModelUnusable, match="no weights beside its file, which the engine pytorch needs"):
            load(None)

    def test_weights_that_answer_otherwise_than_the_file_are_unusable(self, load, version):
        other = copy.deepcopy(version.module)
        torch.nn.init.normal_(other.classes.weight)
        with pytest.raises(ModelUnusable, match=r"a probability differs by .* from what its file says"):
            load(packed(other.state_dict()))

    @pytest.mark.parametrize("weights", [b"", b"nothing", packed(torch.nn.Linear(2, 2).state_dict())])
    def test_what_are_not_its_weights_are_unusable(self, load, weights):
        with pytest.raises(ModelUnusable, match="the engine pytorch cannot load it"):
            load(weights)

    def test_a_preset_that_is_not_known_is_named(self, load, version):
        with pytest.raises(ModelUnusable, match="unknown preset 'thing_base'"):
            load(version.weights, family="thing_base")

    def test_a_pickle_is_not_run(self, load, tmp_path):
        class Harm:
            def __reduce__(self):
                return Path.touch, (tmp_path / "harm",)

        with pytest.raises(ModelUnusable, match="cannot load it"):
            load(packed({"weight": Harm()}))
        assert not (tmp_path / "harm").exists()


class TestRefusals:
    ALONE = Installed(("CPUExecutionProvider",), {})

    @pytest.mark.parametrize("name", ["cuda", "tensorrt"])
    def test_a_runtime_without_the_provider_is_named_with_what_it_needs_and_what_is_accepted(self, name, tmp_path):
        with pytest.raises(SettingsError) as refused:
            self.ALONE.engine(name, 1, tmp_path)
        said = str(refused.value)
        assert said.startswith(f"BABBITT_INFERENCE_ENGINE: {name} is not to be had here: this ONNX Runtime has no ")
        assert "but CPUExecutionProvider. It needs the package onnxruntime-gpu" in said
        assert said.endswith("Accepted here: onnxruntime")

    @pytest.mark.parametrize("name", ["cuda", "tensorrt"])
    def test_a_provider_that_finds_no_device_is_refused_not_replaced(self, name, tmp_path):
        built = Installed(("TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"), {})
        with pytest.raises(SettingsError, match="finds no device, or not its libraries"):
            built.engine(name, 1, tmp_path)

    def test_torch_that_nobody_brings_is_refused(self, tmp_path):
        with pytest.raises(SettingsError, match=r"no installed distribution offers it. It needs .* babbitt-training"):
            self.ALONE.engine("pytorch", 1, tmp_path)

    def test_torch_that_cannot_be_imported_is_refused(self, tmp_path):
        broken = EntryPoint("pytorch", "babbitt.there_is_none:Engine", "babbitt.engines")
        with pytest.raises(SettingsError, match=r"it cannot be imported: No module named 'babbitt\.there_is_none'"):
            Installed((), {"pytorch": broken}).engine("pytorch", 1, tmp_path)

    def test_the_service_ends_at_once_with_one_line(self, tmp_path):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("BABBITT_")}
        environment |= {
            "BABBITT_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
            "BABBITT_OBJECT_STORE_URL": tmp_path.as_uri(),
            "BABBITT_INFERENCE_ENGINE": "tensorrt",
            "BABBITT_INFERENCE_CACHE_FOLDER": str(tmp_path / "cache"),
        }
        command = [sys.executable, "-m", "babbitt.inference"]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode == 2
        last = ended.stderr.strip().splitlines()[-1]
        assert last.startswith("babbitt-inference: BABBITT_INFERENCE_ENGINE: tensorrt is not to be had here")
        assert "Traceback" not in ended.stderr
