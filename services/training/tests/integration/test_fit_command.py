"""The child process as a user runs it: files in, JSON lines and files out."""

import json
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from babbitt.training.domain.place import Place
from babbitt.training.fitting.checkpoint import ranks_of
from babbitt.training.fitting.layout import checkpoint_name

pytestmark = pytest.mark.integration

ENDS_WITHIN_S = 100
EPOCHS = 16


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "babbitt.training", "fit", *map(str, arguments)]


def fit(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=ENDS_WITHIN_S,
    )


@contextmanager
def running(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A fit whose lines can be read; killed at the end if it still runs."""
    process = subprocess.Popen(command(*arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        try:
            yield process
        finally:
            process.kill()


def read_until_checkpoint(process: subprocess.Popen[str], epoch: int) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        progress = json.loads(line)
        if progress["event"] == "checkpoint" and progress["epoch"] == epoch:
            return
    pytest.fail("it ended before that checkpoint")


@pytest.fixture(scope="module")
def request_file(dataset, make_request, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("request") / "request.json"
    make_request(path, dataset[1], quick=True, overrides={"epochs": EPOCHS, "patience": EPOCHS})
    return path


@pytest.fixture(scope="module")
def whole(dataset, request_file, tmp_path_factory) -> tuple[Path, str]:
    """What came of a fit that nothing disturbed, and what it said."""
    out = tmp_path_factory.mktemp("whole")
    done = fit(request_file, "--data", dataset[0], "--out", out, "--threads", 1)
    assert done.returncode == 0, done.stderr
    return out, done.stdout


def test_a_fit_killed_at_any_moment_resumes_to_the_same_weights_and_graph_bit_for_bit(
    dataset, request_file, whole, tmp_path
):
    data = dataset[0]
    with running(request_file, "--data", data, "--out", tmp_path / "broken", "--threads", 1) as process:
        read_until_checkpoint(process, epoch=3)
        process.send_signal(signal.SIGKILL)
    resumed = fit(request_file, "--data", data, "--out", tmp_path / "broken", "--threads", 2, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    lines = [json.loads(line) for line in resumed.stdout.splitlines()]
    started = next(line for line in lines if line["event"] == "started")
    assert 3 <= started["resumes_from_epoch"] < EPOCHS
    assert started["threads"] == 1
    assert [line["epoch"] for line in lines if line["event"] == "epoch"] == list(
        range(started["resumes_from_epoch"] + 1, EPOCHS + 1)
    )
    for name in ("weights.pt", "model.onnx"):
        assert (tmp_path / "broken" / name).read_bytes() == (whole[0] / name).read_bytes()


@pytest.mark.thorough
def test_a_fit_in_two_processes_that_loses_one_ends_as_a_whole(dataset, request_file, tmp_path):
    options = ("--data", dataset[0], "--out", tmp_path, "--threads", 1, "--processes", 2, "--in-step")
    with running(request_file, *options) as process:
        read_until_checkpoint(process, epoch=2)
        spread = {child.environ().get("RANK"): child for child in psutil.Process(process.pid).children()}
        spread["1"].kill()
        assert process.wait(ENDS_WITHIN_S) == 128 + signal.SIGKILL
    assert not spread["0"].is_running()
    assert ranks_of(max((tmp_path / "checkpoints").iterdir())) == 2


def test_a_fit_ends_when_the_pipe_to_its_parent_closes(dataset, request_file, tmp_path):
    with running(request_file, "--data", dataset[0], "--out", tmp_path, "--threads", 1, "--end-with-stdin") as process:
        assert process.stdin is not None
        read_until_checkpoint(process, epoch=1)
        process.stdin.close()
        assert process.wait(ENDS_WITHIN_S) == 3


def test_a_fit_in_step_is_at_most_one_checkpoint_ahead_of_its_reader(dataset, request_file, tmp_path):
    options = ("--data", dataset[0], "--out", tmp_path, "--threads", 1, "--in-step")
    with running(request_file, *options) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for epoch in range(2, 4):
            read_until_checkpoint(process, epoch)
            readable, _, _ = select.select([process.stdout], [], [], 0.5)
            assert not readable
            assert max(path.name for path in (tmp_path / "checkpoints").iterdir()) == checkpoint_name(Place(1, epoch))
            process.stdin.write("\n")
            process.stdin.flush()


def test_standard_output_has_nothing_but_progress(whole):
    assert {json.loads(line)["event"] for line in whole[1].splitlines()} == {
        "started",
        "progress",
        "epoch",
        "checkpoint",
        "completed",
    }


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("not JSON", "Invalid JSON"),
        ('{"model": "pump"}', "dataset: Field required"),
        ('{"model": "Pump!", "dataset": "%(dataset)s"}', "model: String should match"),
        ('{"model": "pump", "dataset": "%(dataset)s", "presett": "x"}', "presett: Extra inputs are not permitted"),
    ],
)
def test_a_request_that_is_wrong_ends_with_one_line_that_says_where(dataset, tmp_path, content, reason):
    path = tmp_path / "request.json"
    path.write_text(content.replace("%(dataset)s", dataset[1].dataset_id))
    done = fit(path, "--data", dataset[0], "--out", tmp_path / "out")
    assert done.returncode == 2
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert json.loads(done.stdout)["kind"] == "bad_request"


def test_a_folder_without_dataset_ends_with_one_line_that_says_so(request_file, tmp_path):
    done = fit(request_file, "--data", tmp_path, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "there is no manifest.json" in done.stderr
    assert json.loads(done.stdout)["kind"] == "dataset_unusable"
