"""`make demo`, both forms, as a user runs it."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from babbitt.native.demo.run import MAPPING, Demo
from babbitt.native.errors import NativeError

ROOT = Path(__file__).parents[2]
RECORDINGS = ROOT.parent / "shared/data/cwru"

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(420)]


def demo(tmp_path, *arguments):
    output = tmp_path / "demo.json"
    command = [sys.executable, "-m", "babbitt.native", "demo", "--output", str(output), *arguments]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
    return run, json.loads(output.read_text()) if output.is_file() else {}


def test_the_demonstration_with_simulated_records_goes_the_whole_way(tmp_path):
    run, numbers = demo(tmp_path)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    assert numbers["accuracy"] >= 0.95
    assert numbers["epochs_streamed"] >= 1
    assert numbers["split_kind"] == "record"
    assert numbers["train_completed_to_serving_s"] < 30


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the real recordings (../shared/data/cwru) are not here")
def test_the_demonstration_with_real_recordings_goes_the_whole_way(tmp_path):
    run, numbers = demo(tmp_path, "--recordings", str(RECORDINGS))
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    assert numbers["accuracy"] >= 0.95
    assert numbers["split_kind"] == "time"
    assert "optimistic" in run.stdout


def test_a_demonstration_that_learns_too_little_fails_and_says_so(stack, tmp_path):
    poor = Demo(
        recordings=None, mapping=MAPPING, output=tmp_path / "demo.json",
        preset="spectral_small", epochs=1, records_per_class=8, duration_s=1.0,
    )  # fmt: skip
    with pytest.raises(NativeError, match=r"at least 95% is needed|accuracy_floor"):
        poor.run_on(stack, Console(quiet=True), time.monotonic())
