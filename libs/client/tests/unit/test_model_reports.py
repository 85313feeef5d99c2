"""Reports and predictions as data frames and plots, and two versions side by side."""

import builtins

import numpy as np
import pytest
from libs.client.tests.versions import PREDICTIONS, REPORT, version_of
from matplotlib.figure import Figure
from pydantic import ValidationError

from babbitt.client.api.models import Version
from babbitt.client.api.records import Record, RecordWaveform
from babbitt.client.api.studies import Study
from babbitt.client.api.training_jobs import Curves
from babbitt.client.api.version_files import Predictions, Report
from babbitt.client.cli.model_report import print_report
from babbitt.client.comparison import compare, mcnemar
from babbitt.client.frames import MissingExtra
from babbitt.contracts.model_card import model_card

MEASURED = {
    "variants": [
        {"name": "float32", "chosen": True, "record_accuracy": 1.0, "latency_ms": 2.0},
        {"name": "int8_qat", "note": "not made: eight bits cannot be had"},
    ],
    "seeds": [{"seed": 1, "record_accuracy": 0.9, "chosen": True}, {"seed": 2, "record_accuracy": 0.8}],
    "by_severity": [{"name": "mild", "records": 2, "record_accuracy": 0.5}],
    "cross_validation": {
        "folds": [["a"], ["b"]], "records": 3, "record_accuracy": 0.5, "record_accuracy_interval": [0.25, 0.75],
        "by_fold": [0.25, 0.75],
    },
    "detection": {"k": 3, "n": 5, "measured_every_s": 3600.0, "faults": 2, "detected": 1, "median_delay_records": 2.0},
}  # fmt: skip


def test_every_part_of_a_report_is_a_frame_and_a_plot(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    report = Report.model_validate(REPORT)
    assert report.to_frame().loc["inner", "recall"] == pytest.approx(0.5)
    assert report.to_frame("confusion").loc["inner", "healthy"] == 1
    assert report.to_frame("curves")["record_accuracy"].tolist() == [0.75, 0.5]
    assert report.to_frame("epochs")["gradient_norm"].tolist() == [0.25]
    for part in ("classes", "confusion", "groups", "reliability", "curves", "epochs"):
        assert report.plot(part).get_title() == part


def test_what_is_printed_and_the_card_have_variants_seeds_folds_severities_and_alarms(capsys):
    told = Report.model_validate(REPORT | MEASURED)
    print_report(told)
    printed, card = capsys.readouterr().out, model_card(told, title="pump")
    for text in ("float32, serves", "not made: eight bits cannot be had", "mild"):
        assert text in printed
        assert text in card
    assert "1, the version's" in printed
    assert "50.00% (25.00% to 75.00%) of 3 records that 2 folds held out" in printed
    for row in (
        "| fold by fold | 25.00% to 75.00% |",
        "| on while novel are | 3 of the last 5 records |",
        "| faults told | 1 of 2 |",
        "| median delay, records | 2 |",
    ):
        assert row in card


def test_a_figure_whose_name_is_a_path_is_none():
    """Figures become files: their names come from whoever trained."""
    told = version_of(7, b"", "a" * 64)
    job = told["job_id"]
    study = {"study": job, "model": "pump", "request": {}, "trials": [], "best_trial": 0, "job": job}
    for kind, rest in ((Version, told), (Study, study)):
        assert kind.model_validate(rest | {"figures": told["figures"]}).figures
        with pytest.raises(ValidationError, match="figures"):
            kind.model_validate(rest | {"figures": {"../../.profile": told["figures"]["confusion"]}})


PARTS = ("classes", "confusion", "groups", "severities", "reliability", "curves", "epochs", "variants", "seeds")


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_a_report_has_nothing_for_is_a_frame_without_rows_and_a_plot_that_says_so(part):
    bare = {"classes": [], "confusion": None, "confusion_names": [], "reliability": [], "by_group": []}
    report = Report.model_validate(REPORT | {"test": REPORT["test"] | bare, "curves": [], "runs": []})
    full = Report.model_validate(REPORT | MEASURED)
    frame = report.to_frame(part)
    assert len(frame) == 0
    if part != "confusion":
        assert {*frame.columns} <= {*full.to_frame(part).columns}
    empty, drawn = (one.plot(part, Figure().add_subplot()) for one in (report, full))
    assert [one.get_text() for one in empty.texts] == [f"the report has no {part}"]
    assert not [one for one in drawn.texts if "no " in one.get_text()]


def test_predictions_are_a_frame_with_a_row_a_record():
    frame = Predictions.model_validate(PREDICTIONS).to_frame()
    assert dict(frame.loc["r2"]) == {
        "blake3": "2" * 64, "group": "b", "label": "inner", "answer": "healthy", "right": False, "novelty": None,
        "p_healthy": 0.7, "p_inner": 0.3,
    }  # fmt: skip


@pytest.mark.parametrize(("module", "made"), [("pandas", "to_frame"), ("matplotlib", "plot")])
def test_without_the_extra_it_says_what_brings_it(monkeypatch, module, made):
    really = builtins.__import__

    def without(name, *args, **kwargs):
        if name.partition(".")[0] == module:
            raise ImportError(name)
        return really(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match=rf"{module} is not installed: pip install 'babbitt-client\[frames\]'"):
        getattr(Report.model_validate(REPORT), made)()


def test_curves_and_waveforms_are_drawn(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    epoch = {"train_loss": 1.0, "validation_loss": 1.1, "validation_accuracy": 0.9, "learning_rate": 0.1, "seconds": 1}
    items = [epoch | {"epoch": number, "completed_at": "2026-01-02T03:04:05Z"} for number in (1, 2)]
    curves = Curves.model_validate({"job_id": "01890000-0000-7000-8000-000000000000", "items": items})
    assert curves.to_frame()["epoch"].tolist() == [1, 2]
    assert len(curves.plot().lines) == 2
    record = Record(
        record="r", label="inner", place="test", group="g", duration_s=1, sampling_rate_hz=10, samples=10,
        channels=("axial", "radial"), blake3="0" * 64,
    )  # fmt: skip
    assert len(RecordWaveform(record, np.zeros((2, 10), np.float32)).plot().lines) == 2


def changed(right, **provenance):
    """The same version, with other answers for its three records, in a split that has one record more."""
    records = [
        record | {"right": answer, "answer": "x"} for record, answer in zip(PREDICTIONS["records"], right, strict=True)
    ]
    more = PREDICTIONS["records"][0] | {"blake3": "9" * 64}
    report = REPORT | {"provenance": REPORT["provenance"] | provenance}
    return Report.model_validate(report), Predictions.model_validate(PREDICTIONS | {"records": [*records, more]})


def test_two_versions_are_compared_on_the_records_that_both_were_tested_on():
    first = Report.model_validate(REPORT), Predictions.model_validate(PREDICTIONS)
    found = compare(first, changed([False, True, True], seed=3, request={"overrides": {"epochs": 5}}))
    assert found.paired is not None
    counts = found.paired.both, found.paired.first_only, found.paired.second_only, found.paired.neither
    assert (counts, found.unshared) == ((1, 1, 1, 0), 1)
    assert [(one.record, one.first, one.second, one.right) for one in found.flips] == [
        ("r0", "healthy", "x", "first"),
        ("r2", "healthy", "x", "second"),
    ]
    assert [(one.setting, one.first, one.second) for one in found.configuration] == [
        ("request.overrides.epochs", 40, 5),
        ("seed", 0, 3),
    ]


def test_of_versions_without_a_shared_record_nothing_is_said():
    apart = PREDICTIONS | {"records": [PREDICTIONS["records"][0] | {"blake3": "8" * 64}]}
    report = Report.model_validate(REPORT)
    found = compare((report, Predictions.model_validate(PREDICTIONS)), (report, Predictions.model_validate(apart)))
    assert (found.paired, found.flips, found.unshared) == (None, (), 4)


@pytest.mark.parametrize(("first", "second", "p"), [(0, 0, 1.0), (5, 5, 1.0), (0, 6, 0.03125), (1, 8, 0.0390625)])
def test_mcnemars_test_is_exact(first, second, p):
    assert mcnemar(first, second) == mcnemar(second, first) == pytest.approx(p)
