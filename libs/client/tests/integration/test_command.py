import json
from uuid import uuid4

import numpy as np
import pytest
from scipy.io import wavfile

from .conftest import problem, streaming

NOW = "2026-01-02T03:04:05Z"
MODEL = {
    "name": "pump", "versions": 2, "latest_version": 2, "champion": 2, "registered_at": NOW,
    "aliases": {"champion": 2, "shadow": 1},
}  # fmt: skip
PREDICTION = {
    "prediction_id": str(uuid4()),
    "model": {"name": "pump", "version": 2, "digest": "ab" * 32},
    "fault": "oilwhirl",
    "confidence": 0.93751,
    "probabilities": {"oilwhirl": 0.93751},
    "windows": 5,
    "input": {"sampling_rate_hz": 12000.0},
    "warnings": ["resampled from 12001 Hz to 12000 Hz"],
}
PROMOTION = {
    "id": str(uuid4()), "kind": "promotion", "state": "applied", "model": "pump", "alias": "champion", "version": 2,
    "replaced": 1, "reason": "better", "created_at": NOW, "updated_at": NOW,
}  # fmt: skip


def test_a_list_is_a_table_for_people_and_json_for_programs(counterpart, run):
    counterpart.answers("GET /v1/models", {"items": [MODEL]})
    table = run("models", "list")
    assert table.exit_code == 0
    assert table.stdout.split()[:3] == ["model", "versions", "aliases"]
    assert "champion v2, shadow v1" in table.stdout
    assert "first registered" in table.stdout
    assert json.loads(run("models", "list", "--json").stdout) == [MODEL]


def test_a_history_is_shown_to_its_end_whatever_pages_it_comes_in(counterpart, run):
    changes = [
        {"kind": "promoted", "alias": "champion", "version": number, "reason": f"because {number}", "at": NOW}
        for number in (2, 1)
    ]
    first = {"items": changes[:1], "next_cursor": "more", "aliases": {"champion": 2}}
    counterpart.answers("GET /v1/models/pump/history", first, {"items": changes[1:], "aliases": {"champion": 2}})
    shown = run("models", "history", "pump")
    assert shown.exit_code == 0
    assert shown.stdout.index("because 2") < shown.stdout.index("because 1")
    assert counterpart.requests[1].query == {"cursor": "more"}


def test_what_the_service_says_no_to_is_one_line_and_exit_code_1(counterpart, run):
    counterpart.answers("GET /v1/models/pump/versions", problem(404, "unknown-model", "there is no model 'pump'"))
    result = run("models", "show", "pump")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "babbitt: there is no model 'pump'\n"


def test_nobody_there_is_one_line_that_names_the_address(run):
    result = run("services", env={"BABBITT_URL": "http://127.0.0.1:1"})
    assert result.exit_code == 1
    assert result.stderr.startswith("babbitt: no answer from http://127.0.0.1:1/v1/system/services:")
    assert len(result.stderr.splitlines()) == 1


def test_the_key_comes_from_the_file_that_is_named(counterpart, run, tmp_path):
    counterpart.answers("GET /v1/models", {"items": []})
    file = tmp_path / "key"
    file.write_text("bbt_7_other\n")
    assert run("--key-file", file, "models", "list").exit_code == 0
    assert counterpart.requests[0].headers["authorization"] == "Bearer bbt_7_other"
    missing = run("--key-file", tmp_path / "none", "models", "list")
    assert (missing.exit_code, "cannot be read" in missing.stderr) == (1, True)


@pytest.mark.parametrize(
    "command",
    [
        (),
        ("train",),
        ("train", "watch"),
        ("datasets", "import"),
        ("models", "promote"),
        ("predict",),
        ("keys", "create"),
    ],
)
def test_help_needs_no_gateway(run, command):
    result = run(*command, "--help", env={"BABBITT_URL": "nowhere"})
    assert result.exit_code == 0
    assert "Usage" in result.stdout


def test_recordings_are_answered_as_a_table_csv_or_json(counterpart, run, tmp_path):
    counterpart.answers("POST /v1/models/pump/predictions", PREDICTION)
    first, second = tmp_path / "a.npy", tmp_path / "b.csv"
    np.save(first, np.ones(100, np.float32))
    second.write_text("1.5\n2.5\n")
    arguments = ("predict", first, second, "--model", "pump", "--rate", 12001, "--shaft-speed-hz", 29.5)
    table = run(*arguments)
    assert table.exit_code == 0
    assert table.stdout.count("oilwhirl") == 2
    assert "0.9375" in table.stdout
    assert "resampled from 12001 Hz" in table.stdout
    lines = run(*arguments, "--format", "csv").stdout.splitlines()
    assert lines[0] == "file,fault,confidence,windows,model,version,latency_ms,prediction_set,coverage,novel"
    assert lines[1].startswith(f"{first},oilwhirl,0.93751,5,pump,2,")
    assert [one["prediction"]["fault"] for one in json.loads(run(*arguments, "--json").stdout)] == ["oilwhirl"] * 2
    sent = counterpart.requests[1]
    assert np.frombuffer(sent.body, sent.query["dtype"]).tolist() == [1.5, 2.5]
    assert sent.query["shaft_speed_hz"] == "29.5"


def test_what_a_recording_may_be_and_whether_it_is_novel_is_told_where_the_model_does(counterpart, run, tmp_path):
    told = PREDICTION | {"prediction_set": ["oilwhirl", "usure"], "coverage": 0.9, "novel": False}
    counterpart.answers("POST /v1/models/pump/predictions", PREDICTION, told)
    np.save(tmp_path / "a.npy", np.ones(100, np.float32))
    arguments = ("predict", tmp_path / "a.npy", "--model", "pump", "--rate", 12000)
    assert not {"set", "coverage", "novel"} & set(run(*arguments).stdout.splitlines()[0].split())
    heading, line = run(*arguments, "--bearing", "9,7.94,39.04").stdout.splitlines()
    assert {"set", "coverage", "novel"} <= set(heading.split())
    assert "oilwhirl, usure" in line
    assert run(*arguments, "--format", "csv").stdout.splitlines()[1].endswith(",oilwhirl usure,0.9,False")
    assert json.loads(counterpart.requests[1].query["bearing"])["pitch_diameter_mm"] == 39.04
    assert run(*arguments, "--bearing", "2,7.94,39.04").exit_code == 2


def test_a_recording_that_cannot_be_answered_does_not_keep_the_others_back(counterpart, run, tmp_path):
    short = problem(422, "invalid-input", "too short")
    counterpart.answers("POST /v1/models/pump/predictions", short, PREDICTION)
    files = [tmp_path / "short.npy", tmp_path / "text.npy", tmp_path / "good.npy"]
    np.save(files[0], np.ones(3))
    files[1].write_text("no array")
    np.save(files[2], np.ones(100))
    result = run("predict", *files, "--model", "pump", "--rate", 12000, "--format", "csv")
    assert result.exit_code == 1
    assert [line.split(",")[0] for line in result.stdout.splitlines()] == ["file", str(files[2])]
    assert f"babbitt: {files[0]}: too short" in result.stderr
    assert f"babbitt: {files[1]}: no columns of numbers" in result.stderr


def test_a_rate_is_asked_for_where_the_file_does_not_say_it(counterpart, run, tmp_path):
    counterpart.answers("POST /v1/models/pump/predictions", PREDICTION)
    sound, array = tmp_path / "a.wav", tmp_path / "b.npy"
    wavfile.write(sound, 25_600, np.zeros(100, np.float32))
    np.save(array, np.ones(100))
    result = run("predict", sound, array, "--model", "pump")
    assert result.exit_code == 1
    assert f"babbitt: {array}: does not say its sampling rate: give it by --rate" in result.stderr
    assert [float(sent.query["sampling_rate_hz"]) for sent in counterpart.requests] == [25_600]


def test_a_promotion_is_held_until_it_is_decided(counterpart, run):
    call = "POST /v1/models/pump/promotions"
    refused = problem(409, "gates-failed", "gate accuracy_floor failed")
    counterpart.answers(call, PROMOTION, refused, PROMOTION | {"state": "requested"})
    arguments = ("models", "promote", "pump", 2, "--reason", "better")
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (0, "pump@champion is version 2 (before: 1)\n")
    assert json.loads(counterpart.requests[0].body) == {"version": 2, "alias": "champion", "reason": "better"}
    assert counterpart.requests[0].headers["prefer"] == "wait=30"
    no = run(*arguments)
    assert (no.exit_code, no.stderr) == (1, "babbitt: gate accuracy_floor failed\n")
    undecided = run(*arguments)
    assert undecided.exit_code == 3
    assert f"not decided within 30 s: promotion {PROMOTION['id']}" in undecided.stderr


def test_a_rollback_asks_for_the_alias_that_is_named(counterpart, run):
    counterpart.answers("POST /v1/models/pump/rollbacks", PROMOTION | {"kind": "rollback", "alias": "shadow"})
    result = run("models", "rollback", "pump", "--alias", "shadow", "--reason", "alarms", "--json")
    assert json.loads(result.stdout)["kind"] == "rollback"
    assert json.loads(counterpart.requests[0].body) == {"alias": "shadow", "reason": "alarms"}


def test_a_key_is_printed_alone(counterpart, run):
    made = {"id": "9", "name": "line-3", "scopes": ["read", "predict"], "created_at": NOW, "key": "bbt_9_hidden"}
    counterpart.answers("POST /v1/api-keys", made)
    arguments = ("keys", "create", "line-3", "--scopes", "read, predict", "--expires-days", 30)
    assert run(*arguments).stdout == "bbt_9_hidden\n"
    assert json.loads(run(*arguments, "--json").stdout)["key"] == "bbt_9_hidden"
    said = json.loads(counterpart.requests[0].body)
    assert said == {"name": "line-3", "scopes": ["read", "predict"], "expires_days": 30}
    wrong = run("keys", "create", "line-3", "--scopes", "write")
    assert wrong.exit_code == 2
    assert "'write' is no scope: read, predict" in " ".join(wrong.stderr.replace("│", " ").split())


def test_events_are_a_line_each(counterpart, run):
    data = {"machine": "line-3", "fault": "oilwhirl", "confidence": 0.9, "problem": {"detail": "too hot"}}
    said = {"id": "1", "source": "/x", "type": "FaultDetected", "time": NOW, "subject": "line-3", "data": data}
    frame = f"id: p1\nevent: FaultDetected\ndata: {json.dumps(said)}\n\n".encode()
    no_more = problem(401, "unauthorized", "the API key was revoked")
    counterpart.answers("GET /v1/events", streaming(frame, then="ends"), no_more)
    result = run("stream", "--topic", "diagnostics.events", "--type", "FaultDetected", "--subject", "line-3")
    assert result.exit_code == 1
    assert result.stdout.split("  ")[1:3] == ["FaultDetected", "line-3"]
    assert result.stdout.endswith("fault=oilwhirl confidence=0.9  too hot\n")
    assert counterpart.requests[0].query == {
        "topics": "diagnostics.events", "type": "FaultDetected", "subject": "line-3",
    }  # fmt: skip
