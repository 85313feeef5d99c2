"""Datasets listed, drawn, deleted and pruned."""

import csv
import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from starlette.responses import Response

from babbitt.client import ServiceFault

from .conftest import problem

ID = "a" * 64
NOW = "2026-01-02T03:04:05Z"
RATE_HZ, TONE_HZ = 1_000, 125
SAMPLES = np.array([np.sin(2 * np.pi * TONE_HZ * np.arange(1_000) / RATE_HZ), np.linspace(-1, 1, 1_000)], np.float32)


def dataset(number=10, **more):
    return {"id": f"{number:x}" * 64, "state": "ready", "created_at": NOW, "updated_at": NOW} | more


@pytest.fixture
def recorded(counterpart):
    told = {
        "record": "sain%2F1", "label": "us%C3%A9", "place": "test_snr20", "group": "m1", "duration-s": "1.0",
        "sampling-rate-hz": "1000.0", "samples": "1000", "channels": "de,fe", "blake3": "b" * 64, "dtype": "<f4",
    }  # fmt: skip
    headers = {f"babbitt-{name}": value for name, value in told.items()}
    answer = Response(SAMPLES.astype("<f4").tobytes(), headers=headers, media_type="application/octet-stream")
    counterpart.answers(f"GET /v1/datasets/{ID}/records/*", answer)


async def test_a_record_comes_with_all_that_is_known_of_it(client, counterpart, recorded):
    found = await client("record", ID, "sain/1")
    assert (found.record.record, found.record.label, found.record.channels) == ("sain/1", "usé", ("de", "fe"))
    assert found.record.shaft_speed_hz is None
    assert not found.record.model_extra
    assert np.array_equal(found.samples, SAMPLES)
    (request,) = counterpart.requests
    assert request.path == f"/v1/datasets/{ID}/records/sain%2F1"
    assert request.headers["accept"] == "application/octet-stream"


async def test_samples_that_do_not_fit_what_is_said_of_them_are_the_services_fault(client, counterpart):
    counterpart.answers("GET *", Response(b"\x00" * 4, headers={"babbitt-record": "a"}))
    with pytest.raises(ServiceFault, match="answered 200 with something unknown"):
        await client("record", ID, "a")


def test_a_record_is_drawn_channel_by_channel_with_its_spectrum(run, recorded):
    shown = run("datasets", "show", ID, "--record", "sain/1")
    assert shown.exit_code == 0, shown.output
    lines = shown.stdout.splitlines()
    assert [line for line in lines if line.startswith(("de:", "fe:"))] == [
        "de: -1 to 1, RMS 0.7071", "de: spectrum, 0 to -80 dB", "fe: -1 to 1, RMS 0.5779", "fe: spectrum, 0 to -80 dB",
    ]  # fmt: skip
    first = lines.index("de: spectrum, 0 to -80 dB") + 1
    peak = [column for column, cell in enumerate(lines[first]) if cell != "\u2800"]
    assert peak, lines[first]
    assert np.mean(peak) / len(lines[first]) == pytest.approx(TONE_HZ / (RATE_HZ / 2), abs=0.03)


@pytest.mark.parametrize("suffix", ["npy", "csv"])
def test_a_record_is_saved(run, recorded, tmp_path, suffix):
    file = tmp_path / f"record.{suffix}"
    assert run("datasets", "show", ID, "--record", "sain/1", "--save", file).exit_code == 0
    if suffix == "npy":
        assert np.array_equal(np.load(file), SAMPLES)
        return
    with file.open(newline="") as opened:
        heading, *rows = csv.reader(opened)
    assert heading == ["time_s", "de", "fe"]
    assert [float(rows[-1][0]), float(rows[-1][2])] == [0.999, 1.0]


def test_a_file_of_another_kind_or_without_a_record_is_a_wrong_command_line(run, counterpart):
    for wrong in (("--record", "a", "--save", "a.wav"), ("--save", "a.npy")):
        assert run("datasets", "show", ID, *wrong).exit_code == 2
    assert not counterpart.requests


def test_a_list_is_asked_for_by_state_source_label_and_class(run, counterpart):
    counterpart.answers("GET /v1/datasets", {"items": [dataset(size_bytes=2_500_000)], "next_cursor": None})
    told = run(
        "datasets", "list", "--source", "imported", "--label", "new pump", "--class", "oilwhirl", "--state", "ready"
    )
    assert "2.5 MB" in told.stdout
    asked = {"source": "imported", "label": "new pump", "class": "oilwhirl", "state": "ready"}
    assert counterpart.requests[0].query == asked


def test_the_records_of_a_dataset_are_listed(run, counterpart):
    one = {
        "record": "sain-0", "label": "sain", "place": "train", "group": "g", "duration_s": 5, "sampling_rate_hz": 20480,
        "samples": 102400, "channels": ["vibration"], "blake3": "b" * 64,
    }  # fmt: skip
    counterpart.answers(f"GET /v1/datasets/{ID}/records", {"items": [one], "next_cursor": None})
    assert json.loads(run("datasets", "records", ID, "--json").stdout)[0]["record"] == "sain-0"


def test_a_deletion_is_waited_for_and_its_refusal_names_the_models_and_ends_with_3(run, counterpart):
    refusal = problem(409, "dataset-needed", "dataset a is needed by pump@3: retire them first")
    counterpart.answers(f"DELETE /v1/datasets/{ID}", dataset(state="deleted"), refusal)
    assert run("datasets", "delete", ID, "--wait").exit_code == 0
    assert counterpart.requests[0].headers["prefer"] == "wait=20"
    refused = run("datasets", "delete", ID, "--wait")
    assert refused.exit_code == 3
    assert "needed by pump@3" in refused.stderr


@pytest.fixture
def aged(counterpart):
    def used(days):
        return (datetime.now(UTC) - timedelta(days=days)).isoformat()

    items = [
        dataset(10, size_bytes=1_000_000, used_at=used(40)),
        dataset(11, size_bytes=2_000_000, used_at=used(40), needed_by=["pump@3", "fan@1"]),
        dataset(12, size_bytes=4_000_000, used_at=used(3)),
        dataset(13, size_bytes=8_000_000),
    ]
    counterpart.answers("GET /v1/datasets", {"items": items, "next_cursor": None})


def test_a_dry_run_says_what_would_go_what_it_frees_and_why_others_stay(run, counterpart, aged):
    told = run("datasets", "prune", "--unused-for", "30d", "--dry-run")
    assert told.exit_code == 0, told.output
    assert "1 of 4 datasets would go: 1.0 MB" in told.stdout
    for why in ("needed by pump@3, fan@1", "used 3 d ago", "does not tell when"):
        assert why in told.stdout
    assert counterpart.requests[0].query["state"] == "ready"
    assert [request.method for request in counterpart.requests] == ["GET"]


def test_pruning_deletes_what_nobody_needs_and_tells_of_a_refusal(run, counterpart, aged):
    refusal = problem(409, "dataset-needed", "dataset a is needed by late@1: retire them first")
    counterpart.answers(f"GET /v1/datasets/{ID}", dataset())
    counterpart.answers(f"DELETE /v1/datasets/{ID}", dataset(state="deleted"), refusal)
    told = json.loads(run("datasets", "prune", "--unused-for", "4w", "--json").stdout)
    assert (told["dry_run"], told["freed_bytes"]) == (False, 1_000_000)
    assert [one["stays"] is None for one in told["datasets"]] == [True, False, False, False]
    assert len(counterpart.of("DELETE *")) == 1
    refused = run("datasets", "prune", "--unused-for", "30d")
    assert refused.exit_code == 3
    assert "needed by late@1" in refused.stdout


@pytest.mark.parametrize(
    ("answer", "stays"),
    [
        (dataset(state="deleted"), None),
        (problem(404, "not-found", "there is no dataset"), None),
        (problem(409, "conflict", "the dataset is deleted already"), None),
        (dataset(), "asked to go: it is ready still"),
        (dataset(state="requested"), "asked to go: it is requested still"),
    ],
)
def test_what_counts_as_deleted_is_what_is_gone(run, counterpart, aged, answer, stays):
    counterpart.answers(f"DELETE /v1/datasets/{ID}", answer)
    counterpart.answers(f"GET /v1/datasets/{ID}", dataset(state="deleted"))
    result = run("datasets", "prune", "--unused-for", "4w", "--json")
    told = json.loads(result.stdout)
    assert told["datasets"][0]["stays"] == stays
    assert (told["freed_bytes"], result.exit_code) == ((0, 3) if stays else (1_000_000, 0))


def test_a_time_that_is_none_is_a_wrong_command_line(run, counterpart):
    for wrong in ("soon", "30", "-1d", "30m"):
        assert run("datasets", "prune", "--unused-for", wrong).exit_code == 2
    assert not counterpart.requests
