"""The script that comes with a download answers as inference does."""

import json
import runpy

import numpy as np
import onnx
import pytest
from libs.client.tests.versions import version_of
from onnx import TensorProto, helper

from babbitt.client.api.models import Version
from babbitt.client.portable import MODEL_FILE, SCRIPT_FILE, predict_script
from babbitt.contracts.answers import health, record_answer, record_novelty

RECORD = np.random.default_rng(0).standard_normal((2, 14)).astype(np.float32)
MEANS = np.stack([RECORD[:, start : start + 8].mean(axis=1) for start in (0, 4, 6)])
CALIBRATION = {"temperature": 2.0, "set_threshold": 0.45, "nominal_coverage": 0.9}


def graph(activation):
    """Probabilities from the means of each window's two channels, and their sum as its novelty."""
    nodes = [
        helper.make_node("ReduceMean", ["waveform", "axes"], ["mean"], keepdims=0),
        helper.make_node(activation, ["mean"], ["probabilities"]),
        helper.make_node("ReduceSum", ["mean", "last"], ["novelty"], keepdims=0),
    ]
    axes = [helper.make_tensor(name, TensorProto.INT64, [1], [axis]) for name, axis in (("axes", 2), ("last", 1))]
    told = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (("probabilities", ["batch", 2]), ("novelty", ["batch"]))
    ]
    read = [helper.make_tensor_value_info("waveform", TensorProto.FLOAT, ["batch", 2, 8])]
    made = helper.make_graph(nodes, "two", read, told, axes)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """What the script of a version of this specification prints for a record."""

    def run(record, activation="Softmax", **spec):
        given = version_of(1, b"", "a" * 64)
        version = Version.model_validate(given | {"model_spec": given["model_spec"] | spec})
        onnx.save(graph(activation), tmp_path / MODEL_FILE)
        (tmp_path / SCRIPT_FILE).write_text(predict_script(version))
        np.save(tmp_path / "record.npy", record)
        monkeypatch.setattr("sys.argv", ["predict.py", str(tmp_path / "record.npy")])
        runpy.run_path(str(tmp_path / SCRIPT_FILE), run_name="__main__")
        return version.model_spec, json.loads(capsys.readouterr().out)

    return run


@pytest.mark.parametrize(("task", "activation"), [("multiclass", "Softmax"), ("multilabel", "Sigmoid")])
def test_probabilities_and_sets_are_those_that_inference_tells(run, task, activation):
    spec, told = run(RECORD, activation, task=task, calibration=CALIBRATION)
    sigmoid, softmax = 1 / (1 + np.exp(-MEANS)), np.exp(MEANS) / np.exp(MEANS).sum(axis=1, keepdims=True)
    expected = record_answer(softmax if activation == "Softmax" else sigmoid, spec)
    assert list(told["probabilities"].values()) == pytest.approx(expected.probabilities.tolist(), abs=1e-5)
    assert tuple(told["prediction_set"]) == expected.prediction_set


@pytest.mark.parametrize("threshold", [-5.0, 5.0])
def test_what_is_novel_is_told_where_there_is_a_rule_for_it_and_else_left_out(run, threshold):
    spec, told = run(RECORD, calibration=CALIBRATION, novelty={"threshold": threshold})
    expected = record_novelty(MEANS.sum(axis=1), spec)
    assert (told["novel"], told["novelty"]) == (expected.novel, pytest.approx(expected.score, abs=1e-6))
    assert "novel" not in run(RECORD, calibration=CALIBRATION)[1]


@pytest.mark.parametrize("threshold", [0.1, -5.0, 5.0])
def test_of_one_class_health_and_alarm_follow_from_the_score(run, threshold):
    one_class = {"task": "one_class", "class_names": ["healthy"], "calibration": None}
    spec, told = run(RECORD, **one_class, novelty={"threshold": threshold})
    expected = record_novelty(MEANS.sum(axis=1), spec)
    assert expected is not None
    assert told["novel"] is expected.novel
    assert told["novelty"] == pytest.approx(expected.score, abs=1e-6)
    likely = float(health(np.array(expected.score), spec.novelty))
    assert told["probabilities"] == {"healthy": pytest.approx(likely, abs=1e-5)}


def test_a_record_that_is_shorter_than_a_window_is_refused_with_the_length_needed(run):
    with pytest.raises(SystemExit, match="5 samples: a window has 8"):
        run(RECORD[:, :5])
