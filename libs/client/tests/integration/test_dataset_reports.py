"""Quality reports and series of datasets on the command line."""

import hashlib
import json

import numpy as np
from starlette.responses import HTMLResponse, JSONResponse

from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.quality import Balance, Finding, Leakage, Probe, QualityReport, SplitResult
from babbitt.contracts.simulations import JournalSource

from .conftest import problem

NOW = "2026-01-02T03:04:05Z"
ID = "d" * 64
REPORT = QualityReport(
    dataset_id=ID,
    configuration=DatasetConfiguration(source=JournalSource()),
    records=12,
    seconds=60,
    findings=(
        Finding(kind="clipping", level="warning", text="The RMS alone tells it.", records=("sain-00001", "jeu-3")),
    ),
    split=SplitResult(kind="group", held_out=("m2",), in_time=("jeu",), groups={"train": 5, "test": 1}),
    leakage=Leakage(outcome="accepted", reason="a demonstration", within_count=3, across_count=2),
    balance=(Balance(place="train", label="sain", records=8), Balance(place="test", label="sain", records=4)),
    probes=(
        Probe(feature="rms", channel="axial", chance=0.5, accuracy=0.9, low=0.8, high=0.95, test_groups=4,
              tells=("sain",), suspicious=True),
    ),
)  # fmt: skip


def answered(counterpart):
    def report():
        accept = counterpart.requests[-1].headers["accept"]
        if "text/html" in accept:
            return HTMLResponse("<h1>Quality report</h1>")
        return JSONResponse(REPORT.model_dump(mode="json") | {"of_a_later_version": 1})

    counterpart.answers(f"GET /v1/datasets/{ID}/report", report)


def test_a_report_is_findings_balance_and_probes_in_tables(counterpart, run):
    answered(counterpart)
    shown = run("datasets", "report", ID).stdout
    for told in ("warning: The RMS alone tells it. (the first: sain-00001, jeu-3)",
                 "accepted (a demonstration)", "rms of axial",
                 "90%", "80% to 95%", "suspicious", "split: by group; groups: train 5, test 1", "held out: m2",
                 "divided in time, optimistic: jeu", "3 within a split, 2 across"):  # fmt: skip
        assert told in shown
    assert [line.split() for line in shown.splitlines() if line.startswith(("class", "sain"))] == [
        ["class", "train", "test"],
        ["sain", "8", "4"],
    ]


def test_a_report_is_written_as_a_page_or_printed_as_json(counterpart, run, tmp_path):
    answered(counterpart)
    result = run("datasets", "report", ID, "--html", tmp_path / "report.html", "--json")
    assert (tmp_path / "report.html").read_text() == "<h1>Quality report</h1>"
    assert QualityReport.read(result.stdout) == REPORT


def asked_for(counterpart):
    said = [json.loads(request.body) for request in counterpart.of("POST /v1/datasets")]
    return [DatasetConfiguration.model_validate({name: one[name] for name in one if name != "label"}) for one in said]


def row(state="requested"):
    return {"id": ID, "state": state, "created_at": NOW, "updated_at": NOW}


def test_leave_one_group_out_asks_for_a_dataset_for_each_machine(counterpart, run):
    counterpart.answers("POST /v1/datasets", row())
    counterpart.answers("GET /v1/datasets/*", row("ready"))
    result = run(
        "datasets", "simulate", "--profile", "rolling", "--classes", "healthy,ball", "--machines-per-class", 3,
        "--split", "leave-one-group-out", "--wait", "--json",
    )  # fmt: skip
    assert [one["state"] for one in json.loads(result.stdout)] == ["ready"] * 6
    held_out = [one.split.held_out[0] for one in asked_for(counterpart)]
    assert held_out == sorted(f"{label}-m{number:04d}" for label in ("ball", "healthy") for number in range(3))


def test_a_series_that_breaks_off_tells_what_is_being_made(counterpart, run):
    counterpart.answers("POST /v1/datasets", row(), problem(422, "invalid-input", "no room for more"))
    result = run("datasets", "simulate", "--profile", "rolling", "--split", "leave-one-group-out", "--wait", "--json")
    assert result.exit_code == 1
    assert [one["id"] for one in json.loads(result.stdout)] == [ID]
    assert "no room for more" in result.stderr


def test_groups_to_hold_out_do_not_go_with_a_series(counterpart, run, tmp_path):
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("sampling_rate_hz: 12000\nrules: [{pattern: '*.npy', label: a, sampling_rate_hz: 12000}]\n")
    for command in (("simulate", "--profile", "rolling"), ("import", tmp_path, "--mapping", mapping)):
        result = run("datasets", *command, "--split", "leave-one-group-out", "--hold-out", "x")
        assert result.exit_code == 2
        said = " ".join(result.stderr.replace("│", " ").split())
        assert "--hold-out goes with --split group: --split leave-one-group-out holds out each" in said
    assert not counterpart.requests


def test_a_profile_without_groups_has_no_series(counterpart, run):
    result = run("datasets", "simulate", "--split", "leave-one-group-out")
    assert result.exit_code == 2
    assert "every record of profile jbfd11 is drawn by itself" in " ".join(result.stderr.replace("│", " ").split())
    assert not counterpart.of("POST /v1/datasets")


def test_leave_one_group_out_of_recordings_goes_by_the_mappings_groups(counterpart, run, tmp_path):
    names = ("ok_a_0.npy", "ok_a_1.npy", "ok_b_0.npy", "worn_a_0.npy", "worn_c_0.npy", "cracked_d_0.npy")
    for number, name in enumerate(names):
        np.save(tmp_path / name, np.arange(100.0) + number)
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "sampling_rate_hz: 12000\nrecord_duration_s: 0.5\nrules:\n"
        "  - {pattern: '{label}_{group}_*.npy', sampling_rate_hz: 12000}\n"
    )

    def received():
        body = counterpart.requests[-1].body
        return JSONResponse({"sha256": hashlib.sha256(body).hexdigest(), "size_bytes": len(body)})

    counterpart.answers("POST /v1/uploads", received)
    counterpart.answers("POST /v1/datasets", row())
    result = run("datasets", "import", tmp_path, "--mapping", mapping, "--split", "leave-one-group-out")
    assert result.exit_code == 0, result.output
    assert [one.split.held_out for one in asked_for(counterpart)] == [("a",), ("b",), ("c",)]


def test_groups_to_hold_out_and_the_reason_why_leakage_is_accepted_are_part_of_what_is_asked_for(counterpart, run):
    counterpart.answers("POST /v1/datasets", row())
    run("datasets", "simulate", "--profile", "rolling", "--hold-out", "ball-m0000", "--accept-leakage", "a test")
    (asked,) = asked_for(counterpart)
    assert asked.split.held_out == ("ball-m0000",)
    assert asked.accepted_leakage == "a test"


def test_holding_out_goes_with_a_split_by_group_alone(run):
    result = run("datasets", "simulate", "--split", "record", "--hold-out", "x")
    assert result.exit_code == 2
    assert "held_out" in result.stderr
