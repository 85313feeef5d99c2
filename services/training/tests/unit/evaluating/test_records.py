"""What is evaluated: a dataset's records, by the file that serves."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from services.training.tests.unit.evaluating.conftest import records_of, spec_of

from babbitt.contracts.dataspec import BearingGeometry, Channel, DataSpec
from babbitt.training.fitting.dataset_folder import Records
from babbitt.training.fitting.errors import DatasetUnusable
from babbitt.training.fitting.evaluating import answering
from babbitt.training.fitting.evaluating.labelled import labelled
from babbitt.training.fitting.evaluating.onnx_answering import OnnxAnswering
from babbitt.training.fitting.labelling import Labelling

DATA = DataSpec(
    channels=(Channel(),),
    sampling_rate_hz=8.0,
    record_samples=8,
    shaft_speed="constant",
    shaft_speed_hz=2.0,
    bearing=BearingGeometry(balls=8, ball_diameter_mm=15.0, pitch_diameter_mm=65.0),
    class_names=("healthy", "inner", "outer"),
)
MADE = records_of(["healthy", "outer", "inner"])
RECORDS = Records(
    names=tuple(entry.record for entry in MADE.entries),
    waveforms=tuple(MADE.waveforms[row] for row in range(3)),
    entries=MADE.entries,
)


def labelled_as(task, class_map=None, **spec):
    labelling = Labelling.of(DATA, task, class_map or {})
    spec = spec_of(task=task, class_names=labelling.class_names, **spec)
    return labelled(RECORDS, labelling.data_spec(DATA), spec, labelling)


def test_each_task_has_its_targets_and_knows_what_is_healthy():
    several = labelled_as("multiclass")
    assert several.targets.tolist() == [[True, False, False], [False, False, True], [False, True, False]]
    faults = labelled_as("multilabel")
    assert faults.targets.tolist() == [[False, False], [False, True], [True, False]]
    health = labelled_as("one_class")
    assert health.targets.tolist() == [[True], [False], [False]]
    for records in (several, faults, health):
        assert records.healthy.tolist() == [True, False, False]


def test_records_of_a_dropped_class_are_not_evaluated():
    records = labelled_as("multiclass", {"inner": None})
    assert [entry.label for entry in records.entries] == ["healthy", "outer"]
    assert records.waveforms[1][0, 0] == 2.0, "the waveform goes with its entry"


def test_a_model_is_given_what_it_reads_beside_the_waveform_with_every_window():
    records = labelled_as("multiclass", inputs=("waveform", "shaft_speed_hz", "fault_orders"))
    inputs = records.inputs_of(1, spec_of())
    assert {name: values.shape for name, values in inputs.items()} == {
        "waveform": (2, 1, 4),
        "shaft_speed_hz": (2,),
        "fault_orders": (2, 4),
    }
    assert inputs["shaft_speed_hz"].tolist() == [2.0, 2.0]


def test_windows_of_one_record_are_answered_so_many_at_once_and_no_more(monkeypatch):
    monkeypatch.setattr(answering, "MOST_AT_ONCE", 40)
    records, asked = records_of(["outer", "healthy"], windows=100), []

    def answer(inputs):
        asked.append(len(inputs["waveform"]))
        return answering.WindowAnswers(inputs["waveform"][:, 0])

    answers = records.answered(answer, spec_of())
    assert asked == [40, 40, 60, 40, 20]
    assert answers.record.tolist() == [0] * 100 + [1] * 100
    assert answers.probabilities[:, 0].tolist() == [2.0] * 100 + [0.0] * 100


def test_a_record_shorter_than_a_window_is_refused_by_name():
    with pytest.raises(DatasetUnusable, match="record r0: shorter than a window of 9 samples"):
        labelled_as("multiclass", window_samples=9)


def test_the_file_answers_with_what_it_has_and_reads_what_it_names(tmp_path):
    axes = helper.make_tensor("axes", TensorProto.INT64, [2], [1, 2])
    nodes = [
        helper.make_node("ReduceMean", ["waveform", "axes"], ["mean"], keepdims=0),
        helper.make_node("Add", ["mean", "shaft_speed_hz"], ["novelty"]),
        helper.make_node("ReduceMean", ["waveform", "last"], ["probabilities"], keepdims=0),
    ]
    read = [
        helper.make_tensor_value_info("waveform", TensorProto.FLOAT, ["batch", 3, 4]),
        helper.make_tensor_value_info("shaft_speed_hz", TensorProto.FLOAT, ["batch"]),
    ]
    told = [
        helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 3]),
        helper.make_tensor_value_info("novelty", TensorProto.FLOAT, ["batch"]),
    ]
    last = helper.make_tensor("last", TensorProto.INT64, [1], [2])
    graph = helper.make_graph(nodes, "means", read, told, [axes, last])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.save(made, tmp_path / "model.onnx")
    waveform = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    inputs = {"waveform": waveform, "shaft_speed_hz": np.array([1, 2], np.float32), "unread": np.zeros(2, np.float32)}
    answers = OnnxAnswering(tmp_path / "model.onnx", 1)(inputs)
    np.testing.assert_allclose(answers.probabilities, waveform.mean(axis=2))
    assert answers.novelty is not None
    np.testing.assert_allclose(answers.novelty, waveform.mean(axis=(1, 2)) + np.array([1, 2]))
