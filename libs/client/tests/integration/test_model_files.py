"""A version's report, its comparison with another, and its download, on the command line."""

import hashlib
import json
import subprocess
import sys

import numpy as np
import onnx
import pytest
from libs.client.tests.versions import PREDICTIONS, REPORT, version_of
from onnx import TensorProto, helper
from starlette.responses import Response


def graph():
    """Probabilities that are the means of each window's two channels."""
    nodes = [
        helper.make_node("ReduceMean", ["waveform", "axes"], ["mean"], keepdims=0),
        helper.make_node("Softmax", ["mean"], ["probabilities"], axis=-1),
    ]
    axes = helper.make_tensor("axes", TensorProto.INT64, [1], [2])
    read = helper.make_tensor_value_info("waveform", TensorProto.FLOAT, ["batch", 2, 8])
    told = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 2])
    made = helper.make_graph([*nodes], "two", [read], [told], [axes])
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


ARTIFACT = onnx.ModelProto.SerializeToString(graph())
DIGEST = hashlib.sha256(ARTIFACT).hexdigest()


@pytest.fixture
def versions(counterpart):
    model = {
        "name": "pump",
        "versions": 2,
        "latest_version": 2,
        "aliases": {"champion": 2},
        "registered_at": "2026-01-02T03:04:05Z",
    }
    counterpart.answers("GET /v1/models/pump", model)
    for number in (1, 2):
        place = f"GET /v1/models/pump/versions/{number}"
        counterpart.answers(place, version_of(number, ARTIFACT, DIGEST))
        counterpart.answers(f"{place}/report", REPORT)
        counterpart.answers(f"{place}/predictions", PREDICTIONS)
        counterpart.answers(f"{place}/card", Response("# pump version 2\n", media_type="text/markdown"))
        counterpart.answers(f"{place}/artifact", Response(ARTIFACT, media_type="application/octet-stream"))
        counterpart.answers(f"{place}/figures/confusion", Response(b"PNG", media_type="image/png"))
    return counterpart


def test_a_report_is_numbers_classes_groups_curves_and_limits(versions, run, tmp_path):
    shown = run("models", "report", "pump", "--figures", tmp_path / "figures").stdout
    for told in ("66.67% of 3 records right", "1.25 ms on one CPU thread", "limit: Tested on 2 groups"):
        assert told in shown
    assert [line.split() for line in shown.splitlines() if line.startswith(("inner", "b ", "   10", "SNR"))][:2] == [
        ["inner", "2", "100.0%", "50.0%", "0.667"],
        ["b", "inner", "2", "50.0%"],
    ]
    assert (tmp_path / "figures" / "confusion.png").read_bytes() == b"PNG"
    assert run("models", "report", "pump@1", "--card").stdout.strip() == "# pump version 2"
    assert json.loads(run("models", "report", "pump@1", "--json").stdout)["preset"] == "any_small"
    unknown = run("models", "report", "pump@shadow")
    assert unknown.exit_code == 2
    assert "its aliases are champion" in unknown.stderr


def test_two_versions_are_compared_record_by_record(versions, run):
    shown = run("models", "compare", "pump@1", "pump@champion").stdout
    assert "first: pump@1, any_small, 66.67% of 3 records right" in shown
    assert "asked for the same" in shown
    assert (
        "3 records tested by both: 2 right in both, 0 in the first alone, 0 in the second alone, 1 in neither" in shown
    )
    assert json.loads(run("models", "compare", "pump@1", "pump@2", "--json").stdout)["paired"]["p"] == 1.0


def test_what_was_downloaded_answers_a_record_without_any_of_babbitt(versions, run, tmp_path):
    run("models", "download", "pump@2", "--to", tmp_path / "pump")
    record = np.random.default_rng(0).standard_normal((2, 14)).astype(np.float32)
    np.save(tmp_path / "record.npy", record)
    command = [sys.executable, "-I", tmp_path / "pump" / "predict.py", tmp_path / "record.npy"]
    told = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    means = np.stack([record[:, start : start + 8].mean(axis=1) for start in (0, 4, 6)])
    likely = (np.exp(means) / np.exp(means).sum(axis=1, keepdims=True)).mean(axis=0) ** 0.5  # temperature 2
    np.testing.assert_allclose(list(told["probabilities"].values()), likely / likely.sum(), atol=1e-5)
    assert list(told["probabilities"]) == ["healthy", "inner"]
    assert told["prediction_set"] is None
    assert (tmp_path / "pump" / "card.md").read_text() == "# pump version 2\n"


def test_a_file_that_is_not_what_was_registered_is_not_kept(counterpart, run, tmp_path):
    counterpart.answers("GET /v1/models/pump/versions/3", version_of(3, ARTIFACT, "e" * 64))
    counterpart.answers("GET /v1/models/pump/versions/3/card", Response("# card", media_type="text/markdown"))
    counterpart.answers("GET /v1/models/pump/versions/3/artifact", Response(ARTIFACT))
    result = run("models", "download", "pump@3", "--to", tmp_path / "pump")
    assert result.exit_code == 1
    assert f"not {'e' * 64}: not kept" in result.stderr
    assert not (tmp_path / "pump").exists()
