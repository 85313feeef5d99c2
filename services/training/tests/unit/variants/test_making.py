from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.fitting.variants.make import make_variants
from babbitt.training.fitting.variants.measuring import Answers, latencies_ms
from babbitt.training.fitting.variants.table import table

pytestmark = pytest.mark.thorough


def plenty():
    return 60.0


NAMES = ["float32", "float16", "int8_static", "int8_dynamic", "int8_qat"]


@pytest.fixture(scope="module")
def made(exported, net, training, validation, tmp_path_factory):
    return make_variants(exported, tmp_path_factory.mktemp("variants"), net, training, validation, threads=1)


def test_every_variant_is_a_row_measured_or_told_why_not(made):
    assert [row.name for row in made.variants] == NAMES
    assert [row.device for row in made.variants] == ["cpu", "cuda", "cpu", "cpu", "cpu"]
    for row in made.variants:
        assert row.note
        assert (row.latency_ms is None) == (row.name == "int8_qat")
        if row.latency_ms is not None:
            assert (row.record_accuracy, row.macro_f1, row.flipped) == (1.0, 1.0, 0)
            assert row.max_abs_difference < 0.02
    assert made.variants[-1].note.startswith("not made: ")
    assert made.chosen == made.files["float32"]  # forty records prove too little
    assert [row.chosen for row in made.variants] == [True, False, False, False, False]


def test_every_file_says_what_the_exported_one_said(made):
    assert made.files.keys() == set(NAMES) - {"int8_qat"}
    for path in made.files.values():
        assert {one.key: one.value for one in onnx.load(path).metadata_props} == {"babbitt.classes": "a\nb"}


def test_the_same_model_gives_the_same_files(made, exported, net, training, validation, tmp_path):
    again = make_variants(exported, tmp_path, net, training, validation, threads=1)
    for name, path in made.files.items():
        assert path.read_bytes() == again.files[name].read_bytes()


def test_the_files_take_a_batch_of_any_size(made, validation):
    for path in made.files.values():
        assert len(Answers.of(path, validation.chosen([0]), "multiclass", 1).probabilities) == 1


def test_what_has_no_net_is_offered_as_it_is(exported, training, validation, tmp_path):
    forest = WaveformClassifier()
    made = make_variants(exported, tmp_path, forest, training, validation, threads=1)
    assert made.chosen.read_bytes() == exported.read_bytes()
    assert {row.note for row in made.variants[1:]} == {
        "not made: its head is no net with weights: there is nothing to make smaller"
    }


def test_of_a_one_class_model_no_variant_is_made(exported, training, validation, tmp_path):
    model = WaveformClassifier()
    model.task = "one_class"
    made = make_variants(exported, tmp_path, model, training, validation, threads=1)
    assert list(made.files) == ["float32"]
    assert "threshold" in made.variants[1].note


def linear(path, weights):
    """A file that answers windows [window, 1, 256] by the softmax of their first two samples times `weights`."""
    nodes = [
        helper.make_node("Slice", ["waveform", "zero", "two", "axis"], ["some"]),
        helper.make_node("Flatten", ["some"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"]),
    ]
    constants = {name: torch.tensor([value]).numpy() for name, value in (("zero", 0), ("two", 2), ("axis", 2))}
    graph = helper.make_graph(
        nodes,
        "linear",
        [helper.make_tensor_value_info("waveform", TensorProto.FLOAT, ["batch", 1, 256])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 2])],
        [numpy_helper.from_array(value, name) for name, value in (constants | {"weights": weights.numpy()}).items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), path)
    return path


@pytest.fixture
def two_files(tmp_path):
    """One that tells the larger of two samples, and one that tells the smaller."""
    larger = linear(tmp_path / "float32.onnx", torch.eye(2))
    smaller = linear(tmp_path / "int8_static.onnx", 1.0 - torch.eye(2))
    return {"float32": larger, "int8_static": smaller}


@pytest.fixture
def told(validation):
    """Ten records; in seven the sample of the true class is the larger one."""
    some = validation.chosen(range(10))
    waveform = torch.zeros_like(some.inputs["waveform"])
    waveform[:, 0, :2] = some.targets
    wrong = some.record < 3
    waveform[wrong, 0, :2] = 1.0 - some.targets[wrong]
    return replace(some, inputs={"waveform": waveform})


def test_accuracy_flips_and_losses_are_counted_on_records(two_files, told):
    reference, other = (Answers.of(path, told, "multiclass", 1) for path in two_files.values())
    assert (reference.scores.accuracy, other.scores.accuracy) == (0.7, pytest.approx(0.3))
    assert other.flipped(reference) == 10
    assert other.lost(reference, [str(row) for row in range(10)]) == 7
    assert other.lost(reference, ["one", "other"] * 5) == 2  # of two bearings, however many records of them
    assert other.max_abs_difference(reference) == pytest.approx(torch.tensor([1.0, 0.0]).softmax(0).diff().abs().item())
    assert reference.scores.macro_f1 == pytest.approx(0.7, abs=0.02)


def test_a_record_that_a_file_calls_novel_is_lost_where_the_reference_knows_it(two_files, told):
    reference = replace(Answers.of(two_files["float32"], told, "multiclass", 1), novelty=np.ones(10), threshold=2.0)
    right = np.flatnonzero(reference.right)
    elsewhere = np.ones(10)
    elsewhere[[right[0], right[1]]] = 3.0
    other, groups = replace(reference, novelty=elsewhere), [str(row) for row in range(10)]
    assert (other.lost(reference, groups), reference.lost(other, groups)) == (2, 0)
    assert other.flipped(reference) == 0


def telling_severity(path, share):
    """The file, with the same severity of every window."""
    model = onnx.load(path)
    model.graph.initializer.extend([numpy_helper.from_array(np.array([share], "f4"), "share")])
    largest = helper.make_node("ReduceMax", ["probabilities", "axis_one"], ["largest"], keepdims=0)
    model.graph.initializer.extend([numpy_helper.from_array(np.array([1]), "axis_one")])
    nothing, severity = (
        helper.make_node("Sub", ["largest", "largest"], ["nothing"]),
        helper.make_node("Add", ["nothing", "share"], ["severity"]),
    )
    model.graph.node.extend([largest, nothing, severity])
    model.graph.output.append(helper.make_tensor_value_info("severity", TensorProto.FLOAT, ["batch"]))
    onnx.save(model, path)


def test_a_file_whose_severities_are_further_off_does_not_serve(two_files, told, monkeypatch):
    levels = ["incipient", "moderate", "unheard_of", None, *["moderate"] * 6]
    entries = (one.model_copy(update={"severity": level}) for one, level in zip(told.entries, levels, strict=True))
    told = replace(told, entries=tuple(entries))
    telling_severity(two_files["float32"], 2 / 3)
    telling_severity(two_files["int8_static"], 1.0)
    off = [Answers.of(path, told, "multiclass", 1).severity_error for path in two_files.values()]
    assert off == pytest.approx([2 / 8, (3 + 7) / 8])
    monkeypatch.setattr(
        "babbitt.training.fitting.variants.table.latencies_ms",
        lambda paths, _: dict.fromkeys(paths, 2.0) | {"int8_static": 1.0},
    )
    rows, best = table(two_files, dict.fromkeys(NAMES[1:], "no"), told, "multiclass", 1, plenty)
    assert best == "float32"
    assert rows[2].note == "its severities are 1.00 levels further off in the mean: 0.05 is accepted"


def test_a_file_that_cannot_be_run_here_is_told_as_such(two_files, told):
    broken = two_files["float32"].with_name("broken.onnx")
    broken.write_bytes(b"none")
    rows, best = table(
        two_files | {"float16": broken}, {"int8_qat": "no", "int8_dynamic": "no"}, told, "multiclass", 1, plenty
    )
    assert best == "float32"
    assert rows[1].note.startswith("not measured: it does not run on this processor")
    assert rows[2].flipped == 10


def test_what_takes_too_much_of_the_time_that_is_left_is_not_measured(two_files, told):
    missing = {"float16": "no", "int8_dynamic": "no", "int8_qat": "no"}
    rows, best = table(two_files, missing, told, "multiclass", 1, lambda: 0.0)
    assert best == "float32"
    assert rows[0].record_accuracy == 0.7
    assert (rows[2].record_accuracy, rows[2].note) == (None, "not measured: there is no time for it")


def test_latencies_are_of_every_file(two_files, told):
    assert latencies_ms(two_files, told).keys() == two_files.keys()
