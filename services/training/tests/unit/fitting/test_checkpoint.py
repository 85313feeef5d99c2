from pathlib import Path

import pytest
import torch

from babbitt.training.domain.place import Place
from babbitt.training.fitting.checkpoint import KEPT, Checkpoint, latest, load, save
from babbitt.training.fitting.errors import CheckpointUnusable

DIGEST = "0" * 64


def checkpoint(epoch: int, step: int = 0, run: int = 1) -> Checkpoint:
    trainer = {"model": {"weight": torch.arange(3.0)}, "history": [{"loss": 0.5}]}
    return Checkpoint(DIGEST, Place(run, epoch, step), 2, trainer, [{"seed": 7}])


def test_what_was_saved_is_loaded(tmp_path):
    again = load(save(checkpoint(7, 3), tmp_path), request_sha256=DIGEST)
    assert (again.place, again.threads, again.finished) == (Place(1, 7, 3), 2, [{"seed": 7}])
    assert torch.equal(again.trainer["model"]["weight"], torch.arange(3.0))
    assert again.trainer["history"] == [{"loss": 0.5}]


def test_the_latest_is_that_of_the_furthest_moment_and_old_ones_go(tmp_path):
    for one in (checkpoint(9), checkpoint(10), checkpoint(10, 400), checkpoint(1, run=2)):
        save(one, tmp_path)
    assert latest(tmp_path) == tmp_path / "run-002-epoch-00001-step-0000000.pt"
    assert len(list(tmp_path.iterdir())) == KEPT


def test_a_file_that_was_not_finished_is_not_the_latest(tmp_path):
    path = save(checkpoint(1), tmp_path)
    (tmp_path / ".run-001-epoch-00002-step-0000000.pt.abc.tmp").write_bytes(b"half")
    assert latest(tmp_path) == path
    assert latest(tmp_path / "nowhere") is None


def test_a_damaged_checkpoint_is_unusable(tmp_path):
    path = save(checkpoint(1), tmp_path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CheckpointUnusable, match="cannot be read"):
        load(path, request_sha256=DIGEST)


def test_a_checkpoint_of_another_request_is_unusable(tmp_path):
    with pytest.raises(CheckpointUnusable, match="another request"):
        load(save(checkpoint(1), tmp_path), request_sha256="1" * 64)


def test_nothing_but_tensors_and_plain_values_is_unpickled(tmp_path):
    path = tmp_path / "run-001-epoch-00001-step-0000000.pt"
    torch.save({"format": 2, "trainer": Path("anything")}, path)
    with pytest.raises(CheckpointUnusable, match="cannot be read"):
        load(path, request_sha256=DIGEST)
