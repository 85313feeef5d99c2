import json
import os
import re
import signal
import subprocess
import sys

from .conftest import KEY, problem, streaming

NOW = "2026-01-02T03:04:05Z"
JOB_ID = "01a0c0de-0000-7000-8000-000000000001"
JOB = {"id": JOB_ID, "state": "running", "model": "pump", "epochs": 2, "created_at": NOW, "updated_at": NOW}
EPOCH = {
    "train_loss": 0.5, "validation_loss": 0.25, "validation_accuracy": 0.875, "learning_rate": 0.001, "seconds": 1.5,
}  # fmt: skip
TRAIN = ("train", "--model", "pump", "--dataset", "ab" * 32)


def frame(type_: str, place: int, **data) -> bytes:
    data = {"job_id": JOB_ID, "model": "pump"} | data
    said = {"id": f"{type_}-{place}", "source": "/babbitt/training", "type": type_, "time": NOW, "data": data}
    return f"id: p{place}\nevent: {type_}\ndata: {json.dumps(said)}\n\n".encode()


def refused() -> bytes:
    said = {"type": "urn:x", "title": "T", "status": 422, "detail": "no such preset"}
    return frame("RequestRefused", 9, request_id="1", request_type="TrainRequested", subject=JOB_ID, problem=said)


QUEUED = frame("TrainQueued", 1, dataset="ab" * 32, preset="spectral_base")
STARTED = frame("TrainStarted", 2, attempt=1, epochs=2)
FIRST, SECOND = (frame("EpochCompleted", 2 + epoch, epoch=epoch, epochs=2, **EPOCH) for epoch in (1, 2))
FAILED = frame("TrainFailed", 9, kind="time_limit", reason="120 minutes are over")


def ended(counterpart, state: str, **more) -> None:
    counterpart.answers("POST /v1/training-jobs", JOB)
    counterpart.answers("GET /v1/training-jobs/*", JOB, JOB | {"state": state} | more)


def test_a_job_is_shown_line_by_line_where_there_is_no_terminal_and_ends_with_exit_code_0(counterpart, run):
    # The end that tells of a model carries much; here any end does, and the job's state decides.
    counterpart.answers("GET /v1/events", streaming(QUEUED, STARTED, FIRST, then="ends"), streaming(SECOND, FAILED))
    ended(counterpart, "completed", seconds=3.5)
    result = run(*TRAIN, "--epochs", 2, "--seed", 7, "--watch")
    assert result.exit_code == 0, result.output
    assert result.stderr.splitlines() == [
        "queued",
        "attempt 1 on cpu, at most 2 epochs",
        "epoch 1/2  train loss 0.5000  validation loss 0.2500  accuracy 87.50%  1.5 s",
        "epoch 2/2  train loss 0.5000  validation loss 0.2500  accuracy 87.50%  1.5 s",
    ]
    assert "completed" in result.stdout
    (submitted,) = counterpart.of("POST /v1/training-jobs")
    said = json.loads(submitted.body)
    assert said == {
        "model": "pump", "dataset": "ab" * 32, "overrides": {"epochs": 2}, "seed": 7, "job_id": said["job_id"],
    }  # fmt: skip
    first, second = counterpart.of("GET /v1/events")
    assert first.query == {"topics": "training.events.v1", "subject": said["job_id"]}
    assert second.headers["last-event-id"] == "p3"
    assert counterpart.requests.index(first) < counterpart.requests.index(submitted)


def test_what_a_job_does_between_epochs_is_told_and_how_long_it_will_go_on(counterpart, run):
    steps = {"phase": "learning", "epoch": 1, "steps": 40, "samples_per_second": 1234.5}
    said = [
        QUEUED,
        frame("TrainProgressed", 2, phase="preparing"),
        frame("TrainProgressed", 3, phase="preparing", step=2, steps=4),
        *(frame("TrainProgressed", 4, step=step, eta_s=75.0, **steps) for step in (10, 20)),
        frame("EpochCompleted", 5, epoch=1, epochs=2, run=2, runs=3, run_name="seed 7", eta_s=61.4, **EPOCH),
        frame("TrainProgressed", 6, phase="exporting"),
        FAILED,
    ]
    counterpart.answers("GET /v1/events", streaming(*said), streaming(*said))
    ended(counterpart, "completed")
    lines = run(*TRAIN, "--watch").stderr.splitlines()
    assert lines == [
        "queued",
        "preparing",
        "run 2/3 (seed 7) epoch 1/2  train loss 0.5000  validation loss 0.2500  accuracy 87.50%  1.5 s, 0:01:01 left",
        "exporting",
    ]
    ended(counterpart, "completed")
    terminal = {"BABBITT_URL": counterpart.url, "FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "140"}
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", run(*TRAIN, "--watch", env=terminal).stderr)
    assert re.search(r"seed 7 +1 +0\.5000", shown)
    assert "exporting" in shown


def test_on_a_terminal_the_epochs_are_a_table_and_a_bar(counterpart, run):
    counterpart.answers("GET /v1/events", streaming(QUEUED, STARTED, FIRST, SECOND, FAILED))
    ended(counterpart, "completed")
    terminal = {"BABBITT_URL": counterpart.url, "FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "120"}
    result = run(*TRAIN, "--watch", env=terminal)
    assert result.exit_code == 0, result.output
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", result.stderr)
    assert "val. accuracy" in shown
    assert re.search(r"2 +0\.5000 +0\.2500 +87\.50% +1\.00e-03 +1\.5", shown)
    assert re.search(r"training .* 2/2", shown)


def test_with_json_every_event_is_a_line_and_the_job_is_the_last(counterpart, run):
    counterpart.answers("GET /v1/events", streaming(QUEUED, STARTED, FIRST, FAILED))
    ended(counterpart, "failed", reason="120 minutes are over")
    result = run(*TRAIN, "--watch", "--json")
    assert result.exit_code == 3
    *events, job = (json.loads(line) for line in result.stdout.splitlines())
    assert [event["type"] for event in events] == ["TrainQueued", "TrainStarted", "EpochCompleted", "TrainFailed"]
    assert job["state"] == "failed"
    assert result.stderr == "babbitt: the job is failed: 120 minutes are over\n"


def test_a_job_that_is_refused_says_why_and_exits_with_3(counterpart, run):
    counterpart.answers("GET /v1/events", streaming(refused()))
    said = {"type": "urn:x", "title": "T", "status": 422, "detail": "no such preset"}
    ended(counterpart, "refused", problem=said)
    result = run(*TRAIN, "--watch")
    assert result.exit_code == 3
    assert result.stderr == "babbitt: the job is refused: no such preset\n"


def test_a_job_that_is_watched_later_begins_with_its_first_epoch_and_tells_none_twice(counterpart, run):
    counterpart.answers("GET /v1/events", streaming(FIRST, SECOND, FAILED))
    counterpart.answers(
        "GET /v1/training-jobs/*/curves", {"job_id": JOB_ID, "items": [{"epoch": 1, "completed_at": NOW} | EPOCH]}
    )
    ended(counterpart, "completed")
    result = run("train", "watch", JOB_ID)
    assert result.exit_code == 0, result.output
    assert [line.split()[1] for line in result.stderr.splitlines()] == ["1/2", "2/2"]


def test_the_curves_of_a_job_are_drawn_with_all_its_runs_over_one_another(counterpart, run):
    items = [
        {"run": number, "run_name": f"seed {number}", "epoch": epoch, "completed_at": NOW}
        | EPOCH | {"train_loss": number / epoch}
        for number, epochs in ((1, 40), (2, 20)) for epoch in range(1, epochs + 1)
    ]  # fmt: skip
    counterpart.answers("GET /v1/training-jobs/*/curves", {"job_id": JOB_ID, "items": items, "epochs": 60})
    counterpart.answers("GET /v1/training-jobs/*", JOB | {"kind": "training"})
    shown = run("train", "show", JOB_ID, "--curves", env={"BABBITT_URL": counterpart.url, "COLUMNS": "80"})
    assert shown.exit_code == 0, shown.output
    assert "train loss: 0.025 to 2; seed 1 0.025, seed 2 0.1" in shown.stdout
    assert "accuracy: 0.875 to 0.875" in shown.stdout
    assert shown.stdout.count("epoch 40") == 3


def test_a_job_that_has_ended_is_told_without_waiting_for_events(counterpart, run):
    counterpart.answers("GET /v1/events", streaming())
    counterpart.answers("GET /v1/training-jobs/*/curves", {"job_id": JOB_ID, "items": []})
    counterpart.answers("GET /v1/training-jobs/*", JOB | {"state": "cancelled", "reason": "not needed"})
    result = run("train", "watch", JOB_ID)
    assert (result.exit_code, result.stderr) == (3, "babbitt: the job is cancelled: not needed\n")


def test_a_job_that_nobody_watches_is_shown_as_it_was_accepted(counterpart, run):
    counterpart.answers("POST /v1/training-jobs", JOB)
    assert json.loads(run(*TRAIN, "--json").stdout)["id"] == JOB_ID
    assert [request.method for request in counterpart.requests] == ["POST"]


def test_what_is_missing_is_named(run):
    result = run("train", "--model", "pump")
    assert result.exit_code == 2
    assert "--dataset needed" in result.stderr


def test_jobs_are_listed_shown_and_cancelled(counterpart, run):
    counterpart.answers("GET /v1/training-jobs", {"items": [JOB | {"epoch": 1}], "next_cursor": None})
    counterpart.answers(
        "GET /v1/training-jobs/*/curves", {"job_id": JOB_ID, "items": [{"epoch": 1, "completed_at": NOW} | EPOCH]}
    )
    counterpart.answers("GET /v1/training-jobs/*", JOB)
    conflict = problem(409, "conflict", "the job is completed already")
    counterpart.answers("DELETE /v1/training-jobs/*", JOB, conflict)
    assert "1/2" in run("train", "list", "--state", "running").stdout
    assert "87.50%" in run("train", "show", JOB_ID).stdout
    assert json.loads(run("train", "cancel", JOB_ID, "--json").stdout)["state"] == "running"
    assert run("train", "cancel", JOB_ID).stderr == "babbitt: the job is completed already\n"


def test_ctrl_c_leaves_the_job_and_says_how_to_see_it_again(counterpart):
    counterpart.answers("GET /v1/events", streaming(QUEUED))
    ended(counterpart, "running")
    # Whoever runs the tests in the background may have Ctrl-C ignored, and what it starts inherits that.
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = [sys.executable, "-c", f"{heard}; from babbitt.client.cli import app; app()", *TRAIN, "--watch"]
    environment = os.environ | {"BABBITT_URL": counterpart.url, "BABBITT_KEY": KEY}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as watching:
        assert watching.stderr.readline() == "queued\n"
        watching.send_signal(signal.SIGINT)
        _, said = watching.communicate(timeout=20)
    assert watching.returncode == 130
    assert said.startswith("babbitt: the job goes on; babbitt train watch ")
    assert not counterpart.of("DELETE /v1/training-jobs/*")
