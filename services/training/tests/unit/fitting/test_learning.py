"""Runs of a job, without export and evaluation."""

from dataclasses import replace

import pytest
import torch

from babbitt.contracts.dataspec import Channel
from babbitt.contracts.training_requests import TrainRequested
from babbitt.training.domain.place import Place
from babbitt.training.families.preset import BaseModel
from babbitt.training.families.registry import load_presets
from babbitt.training.fitting import checkpoint as checkpoints
from babbitt.training.fitting.bases import go_on_from
from babbitt.training.fitting.checkpoint import Checkpoint
from babbitt.training.fitting.comparing import answers_of_folds
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.errors import BadRequest
from babbitt.training.fitting.hardware import Hardware
from babbitt.training.fitting.labelling import Labelling
from babbitt.training.fitting.learning import Learning
from babbitt.training.fitting.progress import Epoch
from babbitt.training.fitting.request import recipe_of
from babbitt.training.fitting.subject import Subject

pytestmark = pytest.mark.thorough


@pytest.fixture
def learning(dataset):
    folder = DatasetFolder(dataset[0])

    def make(preset="spectral_small", left_s=lambda: 1e9, save=None, tell=lambda _: None, **fields) -> Learning:
        epochs = {"overrides": {"epochs": 2, "patience": 2}}
        request = TrainRequested(model="pump", dataset="d" * 64, preset=preset, **epochs | fields)
        data = folder.manifest.data_spec
        labelling = Labelling.of(data, request.task, request.class_map)
        told = labelling.data_spec(data)
        found = load_presets().named(preset)
        spec = found.config.model_spec(preset, told)
        subject = Subject(
            request, found.family, found.config, recipe_of(request, found.recipe), told, spec, labelling, ()
        )
        records = folder.records("train"), folder.records("validation")
        return Learning(subject, *records, Hardware(torch.device("cpu")), tell, save, left_s)

    return make


def test_of_several_seeds_the_lowest_validation_loss_is_chosen(learning):
    learnt = learning(seeds=[1, 2, 3]).learn(None)
    assert [run.seed for run in learnt.finals] == [1, 2, 3]
    assert learnt.chosen.loss == min(run.loss for run in learnt.finals)
    weight = next(iter(learnt.chosen.weights))
    assert torch.equal(learnt.model.state_dict()[weight], learnt.chosen.weights[weight])


def test_what_is_left_is_told_of_all_runs_whose_epochs_grow_and_within_the_budget(learning):
    """Each window and its views: the epochs have 2, 3 and 3 steps of all windows."""
    said, steps = [], {"epochs": 3, "patience": 3, "views": 2, "batch_size": 24}
    learning(seeds=[1, 2], tell=said.append, overrides=steps).learn(None)
    epochs = [one for one in said if isinstance(one, Epoch)]
    assert [one.eta_s / one.seconds for one in epochs] == pytest.approx([14 / 2, 11 / 3, 8 / 3, 6 / 2, 3 / 3, 0])
    learning(left_s=lambda: 1e-6, tell=said.append, overrides=steps).learn(None)
    assert said[-1].eta_s < 1e-6


class Killed(Exception):
    """Stands for the end of a process."""


@pytest.mark.parametrize("fields", [{"seeds": [1, 2]}, {"folds": 2}])
def test_killed_in_its_second_run_a_job_comes_to_the_same_weights(learning, tmp_path, fields):
    places = []

    def save(place, trainer, finished):
        places.append(place)
        written = checkpoints.save(Checkpoint("0" * 64, place, 1, trainer, finished), tmp_path)
        if places == [Place(1, 1, 0), Place(1, 2, 0), Place(2, 1, 0)]:
            raise Killed
        return written

    with pytest.raises(Killed):
        learning(save=save, **SHORT | fields).learn(None)
    saved = checkpoints.load(checkpoints.latest(tmp_path), request_sha256="0" * 64)
    resumed, whole = learning(save=save, **SHORT | fields).learn(saved), learning(**SHORT | fields).learn(None)
    assert places[3] == Place(2, 2, 0)
    assert resumed.chosen.seed == whole.chosen.seed
    for name, tensor in whole.chosen.weights.items():
        assert torch.equal(resumed.chosen.weights[name], tensor)
    for one, other in zip((*resumed.folds, *resumed.finals), (*whole.folds, *whole.finals), strict=True):
        assert (one.seed, one.kept_epoch, one.loss) == (other.seed, other.kept_epoch, other.loss)
        assert (one.asked is None) == (other.asked is None)
        assert one.asked is None or torch.equal(one.asked, other.asked)


SHORT = {"overrides": {"epochs": 2, "patience": 2, "batch_size": 16, "views": 0}}
LONG = {"epochs": 1000, "patience": 1000, "batch_size": 1024, "views": 0}


class Spent:
    """A budget of which every question uses up a second."""

    left_s = 60.0

    def __call__(self) -> float:
        self.left_s -= 1.0
        return self.left_s


def test_every_run_gets_its_share_of_the_budget(learning):
    learnt = learning(left_s=Spent(), seeds=[1, 2], overrides=LONG).learn(None)
    assert [run.stopped for run in learnt.finals] == ["budget"] * 2
    fewest, most = sorted(len(run.history) for run in learnt.finals)
    assert most <= fewest + 2


def test_with_folds_the_version_is_trained_for_as_long_as_they_kept(learning):
    learnt = learning(left_s=Spent(), folds=2, overrides=LONG).learn(None)
    assert len(learnt.chosen.history) >= min(run.kept_epoch for run in learnt.folds) > 1


def test_folds_are_asked_about_all_that_they_were_not_trained_on(learning):
    job = learning(folds=3)
    learnt = job.learn(None)
    answers = answers_of_folds(learnt, job.pool, job.plan, job._subject.spec)
    assert len(answers.voted()) == len(answers.record_novelty()) == job.pool.records
    assert [len(run.history) for run in learnt.finals] == [round(sorted(one.kept_epoch for one in learnt.folds)[1])]


def test_faults_that_come_together_are_learnt_each_by_itself(learning):
    job = learning(task="multilabel", class_map={"oilwhirl": ("oilwhirl", "desequilibre")})
    learnt = job.learn(None)
    assert job._subject.spec.task == learnt.model.task == "multilabel"
    assert len(learnt.model.novelty.means) == 3  # health, one fault, and two at once
    assert learnt.chosen.history[-1].train_loss < learnt.chosen.history[0].train_loss


def test_rows_of_classes_go_by_name_and_new_classes_begin_anew(learning):
    job = learning()
    model = job._subject.module(seed=0)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    other = {name: tensor + 1.0 for name, tensor in before.items()}
    go_on_from(model, other, ("oilwhirl", "rust", "sain"), ("sain", "desequilibre", "oilwhirl"))
    after, name = model.state_dict(), "classes.weight"
    assert torch.equal(after[name][0], other[name][2])
    assert torch.equal(after[name][1], before[name][1])
    assert torch.equal(after[name][2], other[name][0])
    assert torch.equal(after["mean"], other["mean"])


def test_what_another_version_knew_is_learnt_anew(learning):
    job = learning()
    taught, model = job.learn(None).model, job._subject.module(seed=1)
    go_on_from(model, taught.state_dict(), ("sain", "jeu"), ("sain", "jeu"))
    assert torch.equal(model.state_dict()["body.0.weight"], taught.state_dict()["body.0.weight"])
    assert (taught.novelty.has_learnt, model.novelty.has_learnt) == (True, False)


def test_weights_of_another_configuration_are_refused(learning):
    model = learning()._subject.module(seed=0)
    smaller = {name: tensor[..., :1] if tensor.ndim else tensor for name, tensor in model.state_dict().items()}
    with pytest.raises(BadRequest, match="base_version"):
        go_on_from(model, smaller, ("a", "b", "c"), ("a", "b", "c"))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"channels": (Channel(unit="m/s2"),)}, "base_version: .* reads other channels: vibration in m/s2"),
        ({"sampling_rate_hz": 8192.0}, "base_version: .* reads 8192 Hz"),
    ],
)
def test_a_version_that_reads_something_else_is_not_gone_on_from(learning, tmp_path, changes, why):
    subject = learning()._subject
    (tmp_path / "weights.pt").touch()
    reads = subject.data.model_copy(update=changes)
    base = BaseModel(4, tmp_path / "model.onnx", reads, subject.spec, tmp_path / "weights.pt")
    with pytest.raises(BadRequest, match=why):
        replace(subject, bases=(base,)).module(seed=0)
