"""One training in two processes, as torchrun starts them."""

import os
import subprocess
import sys

import pytest
import torch
from services.training.tests.unit.fitting import spread_runs

from babbitt.training.fitting.hardware import Hardware

pytestmark = pytest.mark.thorough

ENDS_WITHIN_S = 100


@pytest.fixture(scope="module")
def ranks(dataset, tmp_path_factory):
    """What came of the trainings in the first and in the second process."""
    out = tmp_path_factory.mktemp("spread")
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    alone = {"GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*launcher, spread_runs.__file__, str(dataset[0]), str(out)],
        check=False,
        capture_output=True,
        text=True,
        timeout=ENDS_WITHIN_S,
        env=os.environ | alone,
    )
    assert done.returncode == 0, done.stderr
    return [torch.load(out / f"rank-{rank}.pt", weights_only=True) for rank in range(2)]


TRAININGS = ("resnet1d", "again", "resumed", "spectral")


def same(one, other):
    return one["losses"] == other["losses"] and all(
        torch.equal(weight, other["weights"][name]) for name, weight in one["weights"].items()
    )


def test_both_processes_come_to_the_same_weights_and_losses_bit_for_bit(ranks):
    first, second = ranks
    assert all(same(first[name], second[name]) for name in TRAININGS)


def test_the_same_seed_gives_the_same_weights_and_so_does_a_resume_amid_an_epoch(ranks):
    first, _ = ranks
    assert same(first["resnet1d"], first["again"])
    assert same(first["resnet1d"], first["resumed"])


def test_they_learn_what_one_process_learns_of_the_same_batches_batch_statistics_included(dataset, ranks):
    alone = spread_runs.prepared(dataset[0], "resnet1d_small", Hardware(torch.device("cpu")), **spread_runs.STEADY)
    alone = spread_runs.outcome(alone)
    for name, weight in ranks[0]["resnet1d"]["weights"].items():
        torch.testing.assert_close(weight, alone["weights"][name], rtol=1e-4, atol=1e-5, msg=name)
    for spread, single in zip(ranks[0]["resnet1d"]["losses"], alone["losses"], strict=True):
        assert spread == pytest.approx(single, rel=1e-4)


def test_they_stop_together(ranks):
    first, second = (rank["spectral"] for rank in ranks)
    assert first["stopped"] == second["stopped"] == "patience"
    assert len(first["losses"]) < spread_runs.HASTY["epochs"]


def test_the_first_process_alone_saves_and_does_alone_what_has_no_steps(ranks):
    first, second = ranks
    assert first["said of spectral_small"] == ["progress", "started", "epoch", "checkpoint", "tried"]
    assert second["said of spectral_small"] == ["progress", "started", "epoch", "tried"]
    assert first["said of logistic_small"] == ["progress", "started", "epoch", "checkpoint", "tried"]
    assert second["said of logistic_small"] == ["progress", "started"]
