"""Every setting of a training, and the jobs beside it, on the command line."""

import hashlib
import json

import pytest
from libs.client.tests.versions import DATA_SPEC, MODEL_SPEC, REPORT
from matplotlib.figure import Figure
from starlette.responses import Response

from babbitt.client.api.studies import Study

from .conftest import streaming
from .test_training_watch import JOB, JOB_ID, TRAIN, ended, frame

DATASET = "ab" * 32
SETTINGS = {"learning_rate": 0.01}


def body_of(counterpart, call):
    (request,) = counterpart.of(call)
    return json.loads(request.body)


def test_every_setting_of_a_training_has_an_option(counterpart, run):
    counterpart.answers("POST /v1/training-jobs", JOB)
    given = run(
        *TRAIN, "--preset", "tcn_small", "--task", "multilabel", "--set", "config.hidden=64", "--epochs", 5,
        "--class-map", "odd=null", "--class-map", 'both=["a","b"]', "--base", 2, "--members", "1,3", "--folds", 5,
        "--seeds", "0,1,2", "--budget-minutes", 1.5, "--quick",
    )  # fmt: skip
    assert given.exit_code == 0, given.output
    said = body_of(counterpart, "POST /v1/training-jobs")
    assert said.pop("job_id")
    assert said == {
        "model": "pump", "dataset": DATASET, "preset": "tcn_small", "task": "multilabel",
        "overrides": {"epochs": 5, "config": {"hidden": 64}}, "class_map": {"odd": None, "both": ["a", "b"]},
        "base_version": 2, "members": [1, 3], "folds": 5, "seeds": [0, 1, 2], "budget_minutes": 1.5, "quick": True,
    }  # fmt: skip
    wrong = run(*TRAIN, "--set", "colour=red")
    assert (wrong.exit_code, "colour" in wrong.stderr) == (2, True)


@pytest.mark.parametrize("version", [("pump@7",), ("pump", 7)])
def test_a_version_that_is_tested_is_watched_and_its_report_printed(counterpart, run, version):
    failed = frame("TrainFailed", 9, kind="x", reason="y")  # any end: the job's state decides
    counterpart.answers("GET /v1/events", streaming(frame("TrainStarted", 2, attempt=1, epochs=0), failed))
    counterpart.answers("POST /v1/models/pump/evaluations", JOB | {"kind": "evaluation"})
    counterpart.answers(f"GET /v1/training-jobs/{JOB_ID}/report", REPORT)
    ended(counterpart, "completed", kind="evaluation", version=7)
    shown = run("models", "evaluate", *version, DATASET, "--class-map", "worn=inner", "--watch")
    assert shown.exit_code == 0, shown.output
    assert shown.stderr.splitlines() == ["attempt 1 on cpu"]
    assert "66.67% of 3 records right" in shown.stdout
    said = body_of(counterpart, "POST /v1/models/pump/evaluations")
    assert said.pop("job_id")
    assert said == {"dataset": DATASET, "version": 7, "class_map": {"worn": "inner"}}
    assert json.loads(run("train", "report", JOB_ID, "--json").stdout)["preset"] == "any_small"


def test_a_model_that_was_trained_elsewhere_is_uploaded_and_asked_to_be_taken_in(counterpart, run, tmp_path):
    for name, content in (("data.json", DATA_SPEC), ("model.json", MODEL_SPEC)):
        (tmp_path / name).write_text(json.dumps(content))
    (tmp_path / "old.onnx").write_bytes(b"\x08\x0a:")
    digest = hashlib.sha256(b"\x08\x0a:").hexdigest()
    counterpart.answers("POST /v1/uploads", {"sha256": digest, "size_bytes": 3, "format": "onnx"})
    counterpart.answers("POST /v1/models/pump/imports", JOB | {"kind": "import"})
    specs = ("--data-spec", tmp_path / "data.json", "--model-spec", tmp_path / "model.json")
    given = run("models", "import", "pump", tmp_path / "old.onnx", *specs, "--dataset", DATASET, "--origin", "lab")
    assert given.exit_code == 0, given.output
    said = body_of(counterpart, "POST /v1/models/pump/imports")
    assert (said["upload"], said["dataset"], said["origin"]) == (digest, DATASET, "lab")
    assert said["model_spec"]["calibration"] == {"temperature": 2.0} | said["model_spec"]["calibration"]
    (tmp_path / "data.json").write_text("{}")
    wrong = run("models", "import", "pump", tmp_path / "old.onnx", *specs, "--dataset", DATASET)
    assert (wrong.exit_code, "--data-spec" in wrong.stderr) == (2, True)


def test_a_study_is_asked_for_by_options_or_by_a_file_and_tells_its_trials(counterpart, run, tmp_path):
    told = [
        frame("TrialCompleted", 1, trial=0, trial_job=JOB_ID, state="completed", settings=SETTINGS,
              validation_loss=0.25, best=True),
        frame("TuningCompleted", 2, trials=1, pruned=0, failed=0, best_trial=0, settings=SETTINGS,
              validation_loss=0.25, job=JOB_ID),
    ]  # fmt: skip
    counterpart.answers("GET /v1/events", streaming(*told))
    counterpart.answers("POST /v1/tuning-jobs", JOB | {"kind": "tuning"})
    counterpart.answers("GET /v1/training-jobs/*", JOB | {"kind": "tuning", "state": "completed"})
    options = ("--model", "pump", "--dataset", DATASET, "--set", "batch_size=16", "--trials", 1)
    given = run("tune", *options, "--space", "learning_rate=1e-4..1e-2,log", "--watch")
    assert given.exit_code == 0, given.output
    assert given.stderr.splitlines() == [
        "trial 0 completed, validation loss 0.2500, the best so far (learning_rate=0.01)",
        f"trial 0 of 1 is the best (learning_rate=0.01); job {JOB_ID} trains it once more",
    ]
    said = body_of(counterpart, "POST /v1/tuning-jobs")
    assert said["base"]["overrides"] == {"batch_size": 16}
    assert (said["trials"], said["prune"], said["space"]["learning_rate"]["log"]) == (1, True, True)
    counterpart.requests.clear()
    base = {"model": "pump", "dataset": DATASET}
    study = {"base": base, "space": {"epochs": {"kind": "choice", "values": [5]}}}
    (tmp_path / "study.json").write_text(json.dumps(study))
    assert run("tune", tmp_path / "study.json").exit_code == 0
    said = body_of(counterpart, "POST /v1/tuning-jobs")
    assert said["base"].pop("job_id")
    assert said == study
    nothing = run("tune", "--model", "pump", "--dataset", DATASET)
    assert (nothing.exit_code, "space" in nothing.stderr) == (2, True)


def test_what_a_study_came_to_is_shown_the_best_trial_first_and_its_figures_are_written(counterpart, run, tmp_path):
    trials = [
        {"number": 0, "job": JOB_ID, "state": "pruned", "settings": SETTINGS, "validation_loss": 0.1},
        {"number": 1, "job": JOB_ID, "state": "completed", "settings": SETTINGS, "validation_loss": 0.5},
        {"number": 2, "job": JOB_ID, "state": "completed", "settings": SETTINGS, "validation_loss": 0.25,
         "validation_losses": [0.5, 0.25]},
        {"number": 3, "job": JOB_ID, "state": "failed", "settings": SETTINGS},
    ]  # fmt: skip
    figure = {"key": "training/artifacts/x", "sha256": "a" * 64, "size_bytes": 3}
    told = {"study": JOB_ID, "model": "pump", "request": {}, "trials": trials, "best_trial": 2, "job": JOB_ID,
            "importance": {"learning_rate": 1.0}, "figures": {"history": figure}, "of_a_later_version": 1}  # fmt: skip
    counterpart.answers(f"GET /v1/training-jobs/{JOB_ID}", JOB | {"kind": "tuning", "state": "completed"})
    counterpart.answers(f"GET /v1/training-jobs/{JOB_ID}/report", told)
    counterpart.answers(f"GET /v1/training-jobs/{JOB_ID}/figures/history", Response(b"PNG"))
    shown = run("train", "report", JOB_ID, "--figures", tmp_path)
    assert shown.exit_code == 0, shown.output
    rows = [line.split() for line in shown.stdout.splitlines()]
    assert [row[0] for row in rows[1:5]] == ["2", "1", "0", "3"]
    assert rows[1] == ["2", "completed", "0.25", "2", "learning_rate=0.01"]
    assert "learning_rate explains 100% of the variation of the losses" in shown.stdout
    assert (tmp_path / "history.png").read_bytes() == b"PNG"
    assert json.loads(run("train", "report", JOB_ID, "--json").stdout)["best_trial"] == 2


def test_a_study_is_a_data_frame_by_trial_setting_and_epoch():
    trial = {"number": 0, "job": JOB_ID, "state": "completed", "settings": SETTINGS, "validation_loss": 0.25,
             "validation_losses": (0.5, 0.25)}  # fmt: skip
    told = Study(
        study=JOB_ID, model="pump", request={}, trials=(trial,), best_trial=0, job=JOB_ID,
        importance={"learning_rate": 1.0},
    )  # fmt: skip
    assert told.to_frame().loc[0, "learning_rate"] == SETTINGS["learning_rate"]
    assert told.to_frame("importance").loc["learning_rate", "share"] == 1.0
    assert list(told.to_frame("losses")["validation_loss"]) == [0.5, 0.25]
    for part, label in (("trials", "trial"), ("importance", "share of"), ("losses", "epoch")):
        assert told.plot(part, Figure().add_subplot()).get_xlabel().startswith(label)
