"""The report, its card and its figures."""

from dataclasses import replace

import numpy as np
import pytest
from services.training.tests.unit.evaluating.conftest import CLASSES, answering, records_of, spec_of

from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.dataspec import Calibration, Channel, DataSpec, NoveltyRule
from babbitt.contracts.evaluations import EvaluationSummary, Parity
from babbitt.contracts.manifests import DatasetManifest
from babbitt.contracts.model_card import model_card
from babbitt.contracts.model_reports import ModelReport, Provenance
from babbitt.contracts.paired import PairedPredictions
from babbitt.contracts.simulations import JournalSource
from babbitt.contracts.splits import SplitSpec
from babbitt.training.fitting.evaluating.detection import Persistence
from babbitt.training.fitting.evaluating.disturbances import Disturbances
from babbitt.training.fitting.evaluating.drawing.draw import draw
from babbitt.training.fitting.evaluating.drawing.style import DPI
from babbitt.training.fitting.evaluating.evaluation import evaluate
from babbitt.training.fitting.evaluating.examination import examine
from babbitt.training.fitting.evaluating.provenance import cpu_name, package_versions
from babbitt.training.fitting.evaluating.report import model_report, run_of
from babbitt.training.fitting.figures import EpochFigures

DATA = DataSpec(channels=(Channel(),), sampling_rate_hz=8.0, record_samples=8, class_names=CLASSES)
MIXED_UP = answering([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.0, 0.6, 0.4]])
SPEC = spec_of(calibration=Calibration(temperature=1.5, set_threshold=0.2, groups=3, note="only three groups"))
HISTORY = [EpochFigures(epoch, 2, 1.0 / epoch, 1.1 / epoch, 0.9, 1e-3, 0.5) for epoch in (1, 2)]


def summary_of(**changed):
    return EvaluationSummary.model_validate(
        {"test_split_sha256": "a" * 64, "split_kind": "group", "records": 4, "windows": 8, "record_accuracy": 0.75,
         "window_accuracy": 0.75, "macro_f1": 0.7} | changed
    )  # fmt: skip


def test_the_interval_that_alarms_in_time_assume_is_a_limit_and_not_silent():
    spec = spec_of(task="one_class", class_names=("healthy",), novelty=NoveltyRule(threshold=0.5))
    records = records_of(["healthy"] * 4 + ["outer"] * 4, ["m1"] * 7 + ["m2"], classes=("healthy",))
    scoring = answering([[1.0], [0.5], [0.0]], novelty=[0.0, 0.4, 1.0])
    test = evaluate(scoring, records, spec)
    tried, often = Disturbances(snr_db=(20.0,), healthy_rms=()), Persistence(measured_every_s=600.0)
    found = model_report(
        preset="any_small", data=DATA, summary=summary_of(), test=test, provenance=Provenance(dataset="d" * 64),
        examination=examine(test, scoring, scoring, tried=tried, persistence=often),
    )  # fmt: skip
    assert "a record every 10 minutes" in found.limits[-2]
    assert "1 series of one machine in one state have fewer than 3 records" in found.limits[-1]


@pytest.fixture(scope="module")
def report():
    records = records_of(["healthy", "inner", "outer", "inner"], ["a", "b", "c", "b"])
    test = evaluate(MIXED_UP, records, SPEC)
    examination = examine(test, MIXED_UP, MIXED_UP, tried=Disturbances(snr_db=(20.0, 0.0), healthy_rms=()))
    made = Provenance(
        request={"model": "pump", "overrides": {"epochs": 5, "views": None}},
        dataset="d" * 64,
        commit="c0ffee",
        seed=7,
        threads=2,
        cpu="a processor",
    )
    return model_report(
        preset="any_small", data=DATA, summary=summary_of(split_in_time=("healthy",)), test=test,
        examination=replace(examination, latency=examination.latency.model_copy(update={"median_ms": 1.25})),
        provenance=made, parity=Parity(max_abs_difference=1e-6, bound=1e-3, windows=8),
        runs=[run_of("", 2, HISTORY, "budget"), run_of("", 1, HISTORY)], notes=["recorded in a hall"],
    )  # fmt: skip


def test_a_report_survives_its_file_and_a_later_versions_fields_are_skipped(report):
    content = report.model_dump_json()
    assert ModelReport.read(content) == report
    later = content.replace('{"format":2', '{"invented":[1],"format":2')
    assert ModelReport.read(later) == report
    assert report.runs[0].epochs[-1].validation_loss == pytest.approx(0.55)


def test_a_report_says_what_it_should_not_be_believed_in(report):
    told = "\n".join(report.limits)
    assert "Tested on 3 groups" in told
    assert "Of healthy there was one group, divided in time: optimistic." in told
    assert "Only three groups." in told
    assert "The budget ended 1 of 2 runs" in told
    assert "trial" not in told


def test_the_card_names_what_it_was_made_from_its_numbers_and_its_limits(report):
    card = model_card(report, title="pump version 3", artifact_sha256="e" * 64)
    for told in (
        "# pump version 3", "c0ffee", "d" * 64, "e" * 64, "| seed | 7 |", "| threads | 2 |", "a processor",
        'model: "pump"', 'overrides: {"epochs": 5}', "recorded in a hall", "| record accuracy | 75.00% |", "1.25 ms",
        "coverage: none promised", "| outer | 1 | ",
    ):  # fmt: skip
        assert told in card, told


def test_every_figure_is_a_png_of_300_dpi_and_the_same_bytes_again(report, tmp_path):
    small = report.model_copy(update={"curves": (), "runs": ()})
    small = small.model_copy(update={"test": small.test.model_copy(update={"confusion": None, "classes": ()})})
    first, again = (draw(small, tmp_path / name) for name in ("first", "again"))
    assert set(first) == {"reliability", "by_group"}
    for name, path in first.items():
        content = path.read_bytes()
        assert content == again[name].read_bytes()
        assert content.startswith(b"\x89PNG")
        place = content.index(b"pHYs") + 4
        assert int.from_bytes(content[place : place + 4], "big") == round(DPI / 0.0254)


def test_a_figure_is_drawn_of_whatever_there_are_numbers_for(report, tmp_path):
    figures = draw(report, tmp_path)
    assert set(figures) == {"confusion", "per_class", "reliability", "by_group", "learning", "record_snr_db"}
    assert all(path.stat().st_size > 5_000 for path in figures.values())


def test_predictions_pair_each_record_with_what_was_answered_as_served():
    records = records_of(["healthy", "outer"], ["a", "c"])
    evaluation = evaluate(MIXED_UP, records, SPEC)
    paired = evaluation.predictions(DatasetManifest.model_construct(records=records.entries))
    assert PairedPredictions.read(paired.model_dump_json()) == paired
    right, wrong = paired.records
    assert (right.label, right.answer, right.right, right.group) == ("healthy", "healthy", True, "a")
    assert (wrong.label, wrong.answer, wrong.right) == ("outer", "inner", False)
    np.testing.assert_allclose(wrong.probabilities, evaluation.answers.served()[1], atol=1e-7)


def test_a_processor_and_the_packages_that_compute_have_names(tmp_path):
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\n")
    assert cpu_name(tmp_path / "cpuinfo") == "Some CPU @ 2 GHz"
    assert cpu_name(tmp_path / "absent")
    assert {"torch", "numpy", "onnxruntime"} <= package_versions().keys()


def test_a_summary_tells_classes_divided_in_time_apart_and_leaves_out_what_was_not_tested():
    records = records_of(["healthy", "inner", "inner"], ["a", "b", "c"])
    manifest = DatasetManifest.model_construct(
        records=records.entries,
        split_in_time=("healthy",),
        configuration=DatasetConfiguration(source=JournalSource(), split=SplitSpec(kind="group")),
    )
    never_inner = answering([[0.9, 0.1, 0.0], [0.9, 0.1, 0.0]])
    summary = evaluate(never_inner, records, SPEC).summary(manifest, latency_ms=1.5)
    assert summary.test_split_sha256 == manifest.split_digest("test")
    assert (summary.record_accuracy, summary.record_accuracy_apart) == (pytest.approx(1 / 3), 0.0)
    assert summary.per_class == {"healthy": 1.0, "inner": 0.0}
    assert (summary.split_kind, summary.groups, summary.latency_ms) == ("group", 3, 1.5)
    whole = manifest.model_copy(update={"split_in_time": ()})
    assert evaluate(never_inner, records, SPEC).summary(whole).record_accuracy_apart is None
