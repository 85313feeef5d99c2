from pathlib import Path

import pytest
import torch

from babbitt.training.fitting.checkpoint import KEPT, Checkpoint, latest, load, save
from babbitt.training.fitting.errors import CheckpointUnusable

DIGEST = "0" * 64


def checkpoint(epoch: int) -> Checkpoint:
    return Checkpoint(DIGEST, epoch, 2, {"model": {"weight": torch.arange(3.0)}, "history": [{"loss": 0.5}]})


def test_what_was_saved_is_loaded(tmp_path):
    path = save(checkpoint(7), tmp_path)
    again = load(path, request_sha256=DIGEST)
    assert (again.epoch, again.threads) == (7, 2)
    assert torch.equal(again.trainer["model"]["weight"], torch.arange(3.0))
    assert again.trainer["history"] == [{"loss": 0.5}]


def test_the_latest_is_that_of_the_highest_epoch_and_old_ones_go(tmp_path):
    for epoch in (8, 9, 10, 11):
        save(checkpoint(epoch), tmp_path)
    assert latest(tmp_path) == tmp_path / "epoch-00011.pt"
    assert len(list(tmp_path.iterdir())) == KEPT


def test_a_file_that_was_not_finished_is_not_the_latest(tmp_path):
    save(checkpoint(1), tmp_path)
    (tmp_path / ".epoch-00002.pt.abc.tmp").write_bytes(b"half")
    assert latest(tmp_path) == tmp_path / "epoch-00001.pt"
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
    path = tmp_path / "epoch-00001.pt"
    torch.save({"format": 1, "trainer": Path("anything")}, path)
    with pytest.raises(CheckpointUnusable, match="cannot be read"):
        load(path, request_sha256=DIGEST)
