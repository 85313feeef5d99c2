"""`babbitt datasets import --dry-run`: what is shown of each file, and what is missing or wrong."""

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from .conftest import MAPPING, looked_at, put


def changed(text, changes):
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def test_a_dry_run_shows_what_would_be_read_without_a_gateway(import_, folder):
    put(folder / "a1.npy", 15_000)
    put(folder / "b1.npy", 6_000)
    (folder / "other.txt").touch()
    table = import_("--dry-run")
    assert table.exit_code == 0, table.output
    assert "a1.npy" in table.stdout
    assert "healthy: records 2, groups 1, files 1" in table.stdout
    assert "no rule is for 1 files: other.txt" in table.stdout
    first = looked_at(import_("--dry-run", "--json"))["files"][0]
    assert first == {
        "file": "a1.npy", "rule": 0, "label": "healthy", "group": "a1.npy", "split": None, "channels": 1,
        "sampling_rate_hz": 12_000, "duration_s": 1.25, "shaft_speed_hz": None, "records": 2, "remarks": [],
        "problem": None,
    }  # fmt: skip


def test_a_dry_run_asks_for_what_is_missing_with_what_the_file_holds(import_, folder):
    savemat(folder / "a1.mat", {"X1_DE_time": np.ones(100), "X1RPM": 1797.0})
    for name in ("b1.mat", "b2.mat"):
        savemat(folder / name, {"X1_DE_time": np.ones(100)})
    result = import_("--dry-run", mapping="""
sampling_rate_hz: 12000
rules:
  - {pattern: "a*.mat", variable: "*_time"}
  - {pattern: "b*.mat", label: worn, variable: "y", sampling_rate_hz: 12000}
""")  # fmt: skip
    assert result.exit_code == 1
    told = [line for line in result.stdout.splitlines() if line.startswith(("missing", "    "))]
    assert told[0].startswith("missing or wrong: rules[0] (pattern 'a*.mat').label: missing; accepted: a class name")
    assert told[1] == "    a1.mat holds X1_DE_time (float64, 1 x 100), X1RPM (float64, 1 x 1)"
    assert told[2].startswith("missing or wrong: rules[0] (pattern 'a*.mat').sampling_rate_hz: a1.mat (matlab5)")
    assert told[4].startswith("missing or wrong: rules[1] (pattern 'b*.mat').variable: b1.mat: no variable matches 'y'")
    assert len(told) == 5


def test_a_file_of_the_benchmarks_layout_is_shown_by_its_groups(import_, folder):
    with h5py.File(folder / "jbfd11.h5", "w") as file:
        for group in ("train", "test_snr20"):
            file[f"{group}/signals"] = np.zeros((3, 2_048), np.float32)
            file[f"{group}/labels"] = np.zeros(3, int)
    mapping = "sampling_rate_hz: 20480\nrules: [{pattern: '*.h5', layout: jbfd11}]"
    shown = looked_at(import_("--dry-run", "--json", mapping=mapping))["files"]
    assert [(one["file"], one["split"], one["records"], one["duration_s"]) for one in shown] == [
        ("jbfd11.h5#train", "train", 3, 0.1),
        ("jbfd11.h5#test_snr20", "test_snr20", 3, 0.1),
    ]


def test_a_dry_run_finds_labels_severities_and_rates_of_the_benchmarks_layout_that_are_none(import_, folder):
    mapping = "sampling_rate_hz: {rate}\nrules: [{{pattern: '*.h5', layout: jbfd11}}]"
    for what, rate, told in (
        ("labels", 20_480, "test/labels holds 77"),
        ("severities", 20_480, "test/severities holds 77"),
        ("severities", 40_960, "40960 Hz are needed"),
    ):
        with h5py.File(folder / "jbfd11.h5", "w") as file:
            for group in ("train", "test"):
                file[f"{group}/signals"] = np.zeros((3, 2_048), np.float32)
                file[f"{group}/labels"] = file[f"{group}/severities"] = np.zeros(3, int)
            file[f"test/{what}"][2] = 77 if rate == 20_480 else 0
        result = import_("--dry-run", mapping=mapping.format(rate=rate))
        assert (result.exit_code, told in result.stdout) == (1, True), result.output


@pytest.mark.parametrize(
    ("samples", "changes", "told"),
    [
        (np.ones(5_000), {}, "a1.npy: 5000 samples; one record takes 6000"),
        (np.ones(63), {"record_duration_s: 0.5": ""}, "a1.npy: a record of 63 samples; 64 to 16777216 make one"),
        (np.ones(6_000), {"0.5": "20", "12000": "1000000"}, "a1.npy: a record of 20000000 samples; 64 to 16777216"),
        (
            np.where(np.arange(9_000) % 500, 1.0, np.nan),
            {"rules:": "gap_policy: cut\nrules:"},
            "a1.npy: samples are missing in each of its 1 records",
        ),
        (np.ones(6_000), {"0.5": "1e-9"}, "a1.npy: a record of 0 samples; 64 to 16777216 make one"),
    ],
)
def test_a_dry_run_ends_with_1_where_no_record_would_come_of_a_file(import_, folder, samples, changes, told):
    np.save(folder / "a1.npy", samples)
    result = import_("--dry-run", "--json", mapping=changed(MAPPING, changes))
    assert result.exit_code == 1
    (problem,) = [one["problem"] for one in looked_at(result)["problems"]]
    assert problem.startswith(told)


@pytest.mark.parametrize(
    ("changes", "options", "told"),
    [
        ({"record_duration_s: 0.5\n": ""}, ["--split", "time"], "one record cannot be split in time"),
        ({}, ["--split", "time"], "its part for train has no room for a record"),
        ({"a*.npy": "{split}/a*.npy"}, ["--split", "group"], "would assign another"),
        ({}, ["--split", "predefined"], "nothing says in which test/a1.npy is"),
        ({"a*.npy": "{split}/a*.npy"}, [], "class healthy has no file in train, validation"),
        ({}, ["--split", "group", "--hold-out", "nobody"], "there is no group nobody"),
        ({}, ["--split", "group", "--hold-out", "test/a1.npy"], "is the only group of class healthy"),
        ({}, ["--split", "leave-one-group-out"], "no group can be held out"),
    ],
)
def test_a_dry_run_finds_what_names_tell_against_the_split(import_, folder, changes, options, told):
    put(folder / "test" / "a1.npy")
    result = import_("--dry-run", *options, mapping=changed(MAPPING, changes))
    assert (result.exit_code, told in result.stdout) == (1, True), result.output
