"""Data, as its users bring it and look at it: with the command, against the whole stack."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.way import tiny_dataset, until

from babbitt.client.errors import Conflict
from babbitt.contracts.topics import DATASETS_EVENTS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

MAPPING = """
sampling_rate_hz: 2000
record_duration_s: 0.5
channels: [{name: vibration, unit: g}]
rules:
  - {pattern: "{label:healthy}/{group}.csv", variable: "#1", sampling_rate_hz: 4000, unit: m/s2}
  - {pattern: "{label:worn}/{group}.csv", variable: "#1", sampling_rate_hz: 4000, unit: m/s2}
"""


@pytest.fixture
def babbitt(stack):
    """Runs the command as a user does: a process of its own."""
    given = {"BABBITT_URL": stack.gateway_url, "BABBITT_KEY": stack.admin_key}

    def run(*arguments, exit_code=0):
        command = [Path(sys.executable).with_name("babbitt"), *map(str, arguments)]
        done = subprocess.run(command, env=os.environ | given, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == exit_code, done.stderr
        return done

    return run


def write_recordings(folder):
    """Three recordings of each of two conditions, 3 s at 4 kHz, as text."""
    rng = np.random.default_rng(3)
    for label, level in (("healthy", 1.0), ("worn", 1.2)):
        (folder / label).mkdir(parents=True)
        for number in range(3):
            samples = level * rng.standard_normal(12_000)
            np.savetxt(folder / label / f"{label}-{number}.csv", samples, fmt="%.5f", header="vibration", comments="")


def test_recordings_are_looked_at_imported_shown_and_deleted(babbitt, client, tmp_path):
    write_recordings(tmp_path / "recordings")
    (mapping := tmp_path / "mapping.yaml").write_text(MAPPING.replace("#1", "vib"))
    looked = babbitt("datasets", "import", tmp_path / "recordings", "--mapping", mapping, "--dry-run", exit_code=1)
    assert "vib" in looked.stdout + looked.stderr
    mapping.write_text(MAPPING)
    asked = ("datasets", "import", tmp_path / "recordings", "--mapping", mapping)
    babbitt(*asked, "--dry-run")
    made = json.loads(babbitt(*asked, "--wait", "--json").stdout)
    assert made["counts"] == {split: {"healthy": 6, "worn": 6} for split in ("train", "validation", "test")}
    again = json.loads(babbitt(*asked, "--wait", "--json").stdout)
    assert (again["id"], again["manifest"]) == (made["id"], made["manifest"])
    report = json.loads(babbitt("datasets", "report", made["id"], "--json").stdout)
    assert report["dataset_id"] == made["id"]
    babbitt("datasets", "report", made["id"], "--html", tmp_path / "report.html")
    assert "<svg" in (tmp_path / "report.html").read_text()
    record = next(iter(client.records(made["id"]))).record
    babbitt("datasets", "show", made["id"], "--record", record, "--save", tmp_path / "record.npy")
    assert np.load(tmp_path / "record.npy").shape == (1, 1000)
    babbitt("datasets", "delete", made["id"], "--wait")
    assert client.dataset(made["id"]).state == "deleted"


@pytest.mark.parametrize(
    ("options", "places"),
    [
        (
            ("--records-per-class", 8),
            {"train": 6, "validation": 1, "test": 1, "test_snr20": 1, "test_snr10": 1, "test_snr5": 1},
        ),
        (
            ("--profile", "rolling", "--machines-per-class", 3, "--records-per-machine", 2),
            {"train": 2, "validation": 2, "test": 2},
        ),
    ],
)
def test_either_profile_is_simulated_by_one_line(babbitt, outside, options, places):
    made = json.loads(babbitt("datasets", "simulate", "--duration-s", 1, *options, "--wait", "--json").stdout)
    assert {place: set(held.values()) for place, held in made["counts"].items()} == {
        place: {count} for place, count in places.items()
    }
    ready = [one for one in outside.all_of(DATASETS_EVENTS) if one.key == made["id"] and one.type == "DatasetReady"]
    assert len({one.id for one in ready}) == 1
    assert ready[0].data["report"]["page"]["key"].endswith("report.html")


def test_a_dataset_is_not_deleted_while_a_model_needs_it(client, served):
    dataset_id = tiny_dataset(1).dataset_id()
    until(lambda: client.dataset(dataset_id).needed_by, what="the dataset to be known as needed")
    with pytest.raises(Conflict, match=served):
        client.delete_dataset(dataset_id, wait_s=20)
    assert client.dataset(dataset_id).state == "ready"
