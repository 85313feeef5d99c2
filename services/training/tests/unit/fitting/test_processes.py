"""Over how many processes a fit is spread, and how they end."""

import subprocess
import sys

import pytest
import torch

from babbitt.training.domain.place import Place
from babbitt.training.families.registry import load_presets
from babbitt.training.fitting import checkpoint as checkpoints
from babbitt.training.fitting import command, processes
from babbitt.training.fitting.checkpoint import Checkpoint
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.errors import CheckpointUnusable
from babbitt.training.fitting.fit import Fit
from babbitt.training.fitting.hardware import Hardware
from babbitt.training.fitting.progress import Started
from babbitt.training.fitting.request import weights_digest


@pytest.fixture
def launches(monkeypatch):
    """Numbers of processes and arguments that would be launched; the status is 7."""
    asked = []

    def launch(number, arguments):
        asked.append((number, tuple(arguments)))
        return 7

    monkeypatch.setattr(processes, "launch", launch)
    return asked


def arguments(out, *more):
    return ["request.json", "--data", "nowhere", "--out", str(out), "--device", "cpu", *more]


def test_a_fit_is_launched_in_as_many_processes_as_are_asked_for(launches, tmp_path):
    asked = arguments(tmp_path, "--processes", "3")
    assert command.main("fit", asked) == 7
    assert launches == [(3, ("fit", *asked))]


def test_a_resume_takes_as_many_processes_as_made_the_checkpoint(launches, tmp_path):
    made = Checkpoint("0" * 64, Place(1, 1, 0), 1, {}, ranks=2)
    checkpoints.save(made, tmp_path / "checkpoints")
    command.main("fit", arguments(tmp_path, "--resume"))
    command.main("fit", arguments(tmp_path, "--resume", "--processes", "auto"))
    assert [number for number, _ in launches] == [2, 2]


def test_another_number_of_processes_than_made_the_checkpoint_is_refused(dataset, make_request, tmp_path):
    folder, manifest = dataset
    request = make_request(tmp_path / "request.json", manifest)
    fit = Fit(load_presets(), request, DatasetFolder(folder), tmp_path, lambda _: None)
    made = Checkpoint(weights_digest(request, ()), Place(1, 1, 0), 1, {}, ranks=2)
    checkpoints.save(made, tmp_path / "checkpoints")
    with pytest.raises(CheckpointUnusable, match="made by 2 processes; these are 1"):
        fit.run(resume=True, threads=1, hardware=Hardware(torch.device("cpu")))


def test_a_worker_begins_anew_where_a_checkpoint_is_of_no_use(dataset, make_request, tmp_path, capfd):
    class Begun(Exception):
        pass

    def tell(said):
        if isinstance(said, Started):
            raise Begun(said.resumes_from_epoch)

    folder, manifest = dataset
    fit = Fit(load_presets(), make_request(tmp_path / "request.json", manifest), DatasetFolder(folder), tmp_path, tell)
    checkpoints.save(Checkpoint("0" * 64, Place(1, 3, 0), 1, {}), tmp_path / "checkpoints")
    with pytest.raises(Begun, match="0"):
        fit.run(resume=True, or_anew=True, threads=1, hardware=Hardware(torch.device("cpu")))
    assert "belongs to another request" in capfd.readouterr().err
    assert not list((tmp_path / "checkpoints").iterdir())


RANK = """
import sys
from babbitt.training.fitting import processes
print("up", flush=True)
sys.stdin.readline() if "late" in sys.argv else None
with processes.told_of():
    print("goes on")
"""
SLOW_TORCH = """
import time
print("imported", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize(("arrives", "at"), [("late", "up"), ("early", "imported")])
def test_a_process_whose_launcher_is_killed_as_it_starts_ends_too(tmp_path, arrives, at):
    """Before it could ask to be told, and while it imports torch, of which there is a slow stand-in."""
    (tmp_path / "torch.py").write_text(SLOW_TORCH)
    with subprocess.Popen(
        ["/bin/sh", "-c", f'{processes.LAUNCHER}=$$ "$0" -c "$1" {arrives} <&0 & wait', sys.executable, RANK],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"WORLD_SIZE": "2", "PYTHONPATH": str(tmp_path)},
        text=True,
    ) as launcher:
        while launcher.stdout.readline().strip() != at:
            assert launcher.poll() is None
        launcher.kill()
        launcher.wait()
        said, _ = launcher.communicate("\n", timeout=20)  # until the pipe is closed
    assert "goes on" not in said
