"""A version that serves in eight bits, from learning to its card: what is told is told of the file that serves."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from babbitt.contracts.evaluations import Parity
from babbitt.training.families.registry import load_presets
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.fit import Fit
from babbitt.training.fitting.hardware import Hardware
from babbitt.training.fitting.onnx_answers import OnnxAnswers
from babbitt.training.fitting.progress import Completed, Progress
from babbitt.training.fitting.variants import make, table

pytestmark = pytest.mark.thorough

MS = {"float32": 10.0, "float16": 10.0, "int8_static": 2.0, "int8_dynamic": 9.5}


@pytest.fixture(scope="module")
def served_in_eight_bits(make_dataset, make_request, tmp_path_factory):
    """What came of a fit with 300 validation records, where static eight bits are said to be five times faster."""
    folder = tmp_path_factory.mktemp("eight-bits")
    split_of = ("train",) * 4 + ("validation",) * 20 + ("test",)
    manifest = make_dataset(folder / "data", records_per_class=125, samples=1024, split_of=split_of)
    said: list[Progress] = []
    request = make_request(folder / "request.json", manifest, overrides={"epochs": 8})
    fit = Fit(load_presets(), request, DatasetFolder(folder / "data"), folder / "out", said.append)
    threads = torch.get_num_threads()
    with pytest.MonkeyPatch.context() as patch:
        for module in (make, table):
            patch.setattr(module, "latencies_ms", lambda paths, windows: {name: MS[name] for name in paths})
        patch.setattr(make, "is_faster", lambda *ms: False)  # so that nothing learns anew
        fit.run(resume=False, threads=1, hardware=Hardware.chosen("cpu"))
    yield folder / "out", said[-1]
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(mode=False)


def answers(out: Path, file: str):
    """Of the test split, window by window, of which each record has one."""
    records = DatasetFolder(out.parent / "data").records("test")
    return OnnxAnswers(out / file, 1).probabilities({"waveform": torch.from_numpy(np.stack(records.waveforms))})


def test_where_eight_bits_serve_report_card_and_file_say_how_far_they_are_from_what_was_exported(served_in_eight_bits):
    out, completed = served_in_eight_bits
    assert isinstance(completed, Completed)
    (serves,) = (one for one in completed.variants if one.variant.chosen)
    assert serves.variant.name == "int8_static", [one.variant.note for one in completed.variants]
    assert serves.file is not None
    assert serves.file.sha256 == completed.artifact.sha256
    graph = onnx.load(out / "model.onnx")
    assert {"QuantizeLinear", "DequantizeLinear"} <= {node.op_type for node in graph.graph.node}
    parity = completed.parity
    assert parity.max_abs_difference <= parity.bound
    assert (parity.served_form, parity.served_difference) == ("int8_static", serves.variant.max_abs_difference)
    assert parity.served_difference is not None
    assert parity.served_difference > parity.bound  # eight bits are no float32, and nobody says so
    metadata = {one.key: one.value for one in graph.metadata_props}
    assert Parity.model_validate_json(metadata["babbitt.parity"]) == parity
    assert Parity(**json.loads((out / "report.json").read_text())["parity"]) == parity
    assert "int8_static serves, and differs from float32 by" in (out / "card.md").read_text()


def test_what_serves_in_eight_bits_was_calibrated_and_tested_in_eight_bits(served_in_eight_bits):
    out, completed = served_in_eight_bits
    assert completed.model_spec.calibration.groups == 150
    told = json.loads((out / "predictions.json").read_text())["records"]
    from_file, from_float32 = (answers(out, name) for name in ("model.onnx", "variants/float32.onnx"))
    power = 1 / completed.model_spec.calibration.temperature
    expected = from_file**power / (from_file**power).sum(axis=1, keepdims=True)
    assert np.allclose([one["probabilities"] for one in told], expected, atol=1e-5)
    assert not np.array_equal(from_file, from_float32)
