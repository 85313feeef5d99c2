"""What a tracker is told of a version, before anything is sent."""

from libs.client.tests.versions import REPORT, version_of

from babbitt.client.api.models import Version
from babbitt.client.api.version_files import Report
from babbitt.client.tracked_runs import Metric, run_of_version, runs_of_job

DIGEST = "e" * 64


def told(version=None, report=None):
    return (
        Version.model_validate(version_of(7, b"onnx", DIGEST) | (version or {})),
        Report.model_validate(REPORT | (report or {})),
    )


def test_a_single_run_has_its_curves_over_epochs_beside_what_the_tests_found():
    run = run_of_version(*told())
    assert Metric("train_loss", 1.0, step=1) in run.metrics
    assert Metric("gradient_norm", 0.25, step=1) in run.metrics
    found = {one.name: one.value for one in run.metrics if one.step == 0}
    assert found.items() >= {"test/macro_f1": 0.65, "test/inner/recall": 0.5, "record_snr_db/0": 0.5}.items()
    assert len(found) == sum(one.step == 0 for one in run.metrics)
    assert runs_of_job(*told()) == ()


def test_settings_are_dotted_names_and_what_was_not_set_is_left_out():
    settings = run_of_version(*told()).parameters
    assert settings["request.overrides.epochs"] == "40"
    assert settings["data_spec.channels"].startswith('[{"name": "vibration"')
    assert not {name for name in settings if name.startswith(("model_spec.novelty", "lineage.commit"))}


def test_each_form_of_the_file_is_told_and_which_one_serves():
    forms = [
        {"name": "float32", "record_accuracy": 0.9, "latency_ms": 2.0},
        {"name": "int8_static", "record_accuracy": 0.9, "latency_ms": 0.5, "chosen": True},
    ]
    run = run_of_version(*told({"variants": forms}))
    found = {one.name: one.value for one in run.metrics}
    assert found.items() >= {"variant/float32/latency_ms": 2.0, "variant/int8_static/latency_ms": 0.5}.items()
    assert "variant/int8_static/chosen" not in found
    assert run.tags["babbitt.variant"] == "int8_static"


def test_each_run_of_a_job_with_several_has_its_own_curves_and_result():
    epoch = REPORT["runs"][0]["epochs"][0]
    runs = [{"name": "without A", "epochs": [epoch]}, {"name": "seed 3", "epochs": [epoch, epoch | {"epoch": 2}]}]
    seeds = [{"seed": 3, "validation_loss": 0.7, "record_accuracy": 0.75, "chosen": True}]
    fold, seed = runs_of_job(*told({"seeds": seeds}, {"runs": runs}))
    assert (fold.name, fold.parameters["run"], {one.step for one in fold.metrics}) == ("without A", "1", {1})
    assert Metric("test/record_accuracy", 0.75) in seed.metrics
    assert not [one for one in run_of_version(*told({"seeds": seeds}, {"runs": runs})).metrics if one.step]
