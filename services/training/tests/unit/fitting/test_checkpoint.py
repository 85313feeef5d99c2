import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from babbitt.contracts.recipes import TrainOverrides
from babbitt.contracts.training_requests import TrainRequested
from babbitt.training.domain.place import Place
from babbitt.training.fitting.checkpoint import KEPT, Checkpoint, latest, load, maker, save
from babbitt.training.fitting.errors import CheckpointUnusable
from babbitt.training.fitting.request import weights_digest

DIGEST = "0" * 64


def checkpoint(epoch: int, step: int = 0, run: int = 1) -> Checkpoint:
    trainer = {"model": {"weight": torch.arange(3.0)}, "history": [{"loss": 0.5}]}
    return Checkpoint(DIGEST, Place(run, epoch, step), 2, trainer, [{"seed": 7}])


def test_what_was_saved_is_loaded(tmp_path):
    again = load(save(checkpoint(7, 3), tmp_path), request_sha256=DIGEST)
    assert (again.place, again.threads, again.finished) == (Place(1, 7, 3), 2, [{"seed": 7}])
    assert torch.equal(again.trainer["model"]["weight"], torch.arange(3.0))
    assert again.trainer["history"] == [{"loss": 0.5}]


def test_what_it_was_made_on_is_saved_and_one_of_before_has_none(tmp_path):
    made = replace(checkpoint(1), makers=("commit a, torch 2, a processor", maker()))
    assert load(save(made, tmp_path), request_sha256=DIGEST).makers == made.makers
    assert torch.__version__ in maker()


def test_a_field_that_a_later_version_adds_does_not_part_a_job_from_its_checkpoints():
    class LaterOverrides(TrainOverrides):
        momentum: float | None = None

    class LaterRequest(TrainRequested):
        overrides: LaterOverrides = LaterOverrides()

    asked = {"model": "pump", "dataset": "d" * 64, "seed": 3, "overrides": {"epochs": 4}}
    later = LaterRequest.model_construct(**{**asked, "overrides": LaterOverrides(epochs=4)})
    before = TrainRequested.model_validate_json(json.dumps(asked))
    assert weights_digest(later) == weights_digest(before)
    assert weights_digest(before.model_copy(update={"seed": 4})) != weights_digest(before)


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
