"""Runs of a job, without export and evaluation."""

import pytest
import torch

from babbitt.contracts.training_requests import TrainRequested
from babbitt.training.families.registry import load_presets
from babbitt.training.fitting.bases import go_on_from
from babbitt.training.fitting.comparing import answers_of_folds
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.errors import BadRequest
from babbitt.training.fitting.hardware import Hardware
from babbitt.training.fitting.labelling import Labelling
from babbitt.training.fitting.learning import Learning
from babbitt.training.fitting.request import recipe_of
from babbitt.training.fitting.subject import Subject

pytestmark = pytest.mark.thorough


@pytest.fixture
def learning(dataset):
    folder = DatasetFolder(dataset[0])

    def make(preset="spectral_small", **fields) -> Learning:
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
        return Learning(subject, *records, Hardware(torch.device("cpu")), lambda _: None, None, lambda: 1e9)

    return make


def test_of_several_seeds_the_lowest_validation_loss_is_chosen(learning):
    learnt = learning(seeds=[1, 2, 3]).learn(None)
    assert [run.seed for run in learnt.finals] == [1, 2, 3]
    assert learnt.chosen.loss == min(run.loss for run in learnt.finals)
    weight = next(iter(learnt.chosen.weights))
    assert torch.equal(learnt.model.state_dict()[weight], learnt.chosen.weights[weight])


def test_folds_are_asked_about_all_that_they_were_not_trained_on(learning):
    job = learning(folds=3)
    learnt = job.learn(None)
    answers = answers_of_folds(learnt, job.pool, job.plan, job._subject.spec)
    assert len(answers.voted()) == job.pool.records
    assert [len(run.history) for run in learnt.finals] == [round(sorted(one.kept_epoch for one in learnt.folds)[1])]


def test_faults_that_come_together_are_learnt_each_by_itself(learning):
    job = learning(task="multilabel", class_map={"oilwhirl": ("oilwhirl", "desequilibre")})
    learnt = job.learn(None)
    assert job._subject.spec.task == learnt.model.task == "multilabel"
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


def test_weights_of_another_configuration_are_refused(learning):
    model = learning()._subject.module(seed=0)
    smaller = {name: tensor[..., :1] if tensor.ndim else tensor for name, tensor in model.state_dict().items()}
    with pytest.raises(BadRequest, match="base_version"):
        go_on_from(model, smaller, ("a", "b", "c"), ("a", "b", "c"))
