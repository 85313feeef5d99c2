from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import torch

from babbitt.contracts.recipes import NoiseAugmentation
from babbitt.training.domain.place import Place
from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.families.registry import load_presets
from babbitt.training.fitting import checkpoint as checkpoints
from babbitt.training.fitting.checkpoint import Checkpoint
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.errors import Diverged
from babbitt.training.fitting.hardware import Hardware
from babbitt.training.fitting.labelling import Labelling
from babbitt.training.fitting.layout import PROFILE_TRACE, checkpoint_name
from babbitt.training.fitting.plan import Run
from babbitt.training.fitting.plugins.checkpointing import Checkpointing
from babbitt.training.fitting.plugins.plugin import Plugin, Training
from babbitt.training.fitting.plugins.precision import MixedPrecision
from babbitt.training.fitting.plugins.profiling import Profiling
from babbitt.training.fitting.run import trainer_of
from babbitt.training.fitting.seeding import seed_torch
from babbitt.training.fitting.trainer import Trainer
from babbitt.training.fitting.windows import Windows

pytestmark = pytest.mark.thorough

HARDWARE = Hardware(torch.device("cpu"))
DIGEST = "0" * 64


@pytest.fixture(autouse=True)
def one_thread():
    """So small a net gains nothing by more of them, and where processors are shared they wait for one another."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


class Killed(Exception):
    """Stands for the end of a process."""


type Make = Callable[..., tuple[Trainer, WaveformClassifier]]


@pytest.fixture(scope="module")
def make(dataset) -> Make:
    folder = DatasetFolder(dataset[0])
    data = folder.manifest.data_spec
    labelling = Labelling.of(data, None, {})
    records = folder.records("train").joined(folder.records("validation"))
    learns = [row for row, entry in enumerate(records.entries) if entry.split == "train"]
    stops = [row for row, entry in enumerate(records.entries) if entry.split != "train"]

    def make(preset_name: str = "spectral_small", seed: int = 0, plugins: tuple[Plugin, ...] = (), **changes):
        preset = load_presets().named(preset_name)
        spec = preset.config.model_spec(preset.name, data)
        seed_torch(seed, "weights")
        model = preset.config.build(data, spec)
        run = Run("", seed, tuple(learns), tuple(stops))
        pool = Windows.of(records, data, spec, labelling)
        recipe = replace(preset.recipe, **changes)
        trainer = trainer_of(model, run, pool, recipe, HARDWARE, plugins, lambda: 1e9, begins_anew=True)
        return trainer, model

    return make


def weights(model: torch.nn.Module) -> bytes:
    return b"".join(tensor.numpy().tobytes() for tensor in model.state_dict().values())


def test_the_loss_falls_and_the_records_are_told_apart(make):
    fitted, _ = make()
    fitted.fit()
    assert fitted.history[-1].train_loss < fitted.history[0].train_loss / 2
    assert fitted.history[-1].validation_accuracy == 1.0
    assert [figures.epoch for figures in fitted.history] == [1, 2, 3, 4, 5, 6]
    assert fitted.history[-1].metrics["gradient_norm"] > 0.0
    assert fitted.history[-1].metrics["macro_f1"] == fitted.history[-1].metrics["macro_auroc"] == 1.0


def test_the_same_seed_gives_the_same_weights_and_another_gives_others(make):
    (first, first_model), (second, second_model), (third, third_model) = (make(seed=seed) for seed in (1, 1, 2))
    for each in (first, second, third):
        each.fit()
    assert weights(first_model) == weights(second_model)
    assert weights(first_model) != weights(third_model)


def saving(training: Training, epoch: int, step: int, *, folder, dies_at: Place) -> None:
    checkpoints.save(Checkpoint(DIGEST, Place(1, epoch, step), 1, training.state()), folder)
    if Place(1, epoch, step) == dies_at:
        raise Killed


LIVE = {"epochs": 2, "patience": 2, "batch_size": 8, "augmentations": (NoiseAugmentation(),)}


@pytest.mark.parametrize(
    ("preset", "changes", "dies_at"),
    [
        ("spectral_small", {}, Place(1, 1, 0)),
        ("spectral_small", {}, Place(1, 2, 3)),
        ("spectral_small", {}, Place(1, 6, 0)),
        ("resnet1d_small", LIVE, Place(1, 1, 1)),
    ],
    ids=str,
)
def test_a_training_that_was_killed_at_any_step_resumes_to_the_same_weights_bit_for_bit(
    make, tmp_path, preset, changes, dies_at
):
    whole, whole_model = make(preset, **changes)
    whole.fit()
    broken, _ = make(
        preset, plugins=(Checkpointing(partial(saving, folder=tmp_path, dies_at=dies_at), 0.0),), **changes
    )
    with pytest.raises(Killed):
        broken.fit()
    resumed, resumed_model = make(preset, plugins=(Checkpointing(lambda *_: None),), **changes)
    resumed.restore(checkpoints.load(tmp_path / checkpoint_name(dies_at), request_sha256=DIGEST).trainer)
    resumed.fit()
    assert weights(resumed_model) == weights(whole_model)
    untimed = [[replace(one, seconds=0, eta_s=0, metrics={}) for one in each.history] for each in (resumed, whole)]
    assert untimed[0] == untimed[1]


def test_it_stops_when_patience_is_over_and_has_the_weights_that_were_kept(make):
    class Spoils(Plugin):
        """From the fifth epoch on no validation is good enough."""

        name = "spoils"
        kept = b""

        def epoch_over(self, training, figures):
            if figures.epoch == 4:
                (stopping,) = [one for one in training._plugins if one.name == "early_stopping"]
                stopping._lowest = stopping._bound = -1.0
                self.kept = b"".join(tensor.numpy().tobytes() for tensor in stopping._weights.values())

    spoils = Spoils()
    fitted, model = make(plugins=(spoils,), epochs=30, patience=2)
    fitted.fit()
    assert len(fitted.history) == 6
    assert (fitted.kept_epoch, fitted.stopped) == (4, "patience")
    assert weights(model) == spoils.kept


def test_in_bfloat16_it_learns_nearly_the_same_with_weights_that_stay_float32(make):
    """Autocast of a processor stands for CUDA's: the same plug-in."""
    recipe = {"epochs": 2, "patience": 2, "batch_size": 8}
    (exact, _), (mixed, model) = (make("resnet1d_small", plugins=each, **recipe) for each in ((), (MixedPrecision(),)))
    for each in (exact, mixed):
        each.fit()
    assert mixed.history[-1].train_loss == pytest.approx(exact.history[-1].train_loss, rel=0.05)
    assert mixed.history[-1].train_loss != exact.history[-1].train_loss
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}


def test_a_loss_that_is_no_number_ends_the_training_with_a_reason(make):
    fitted, model = make()
    with torch.no_grad():
        next(model.parameters()).fill_(float("nan"))
    with pytest.raises(Diverged, match="learning_rate"):
        fitted.fit()


def test_a_module_that_learns_at_once_has_one_epoch(make):
    fitted, _ = make("logistic_small")
    fitted.fit()
    assert len(fitted.history) == 1
    assert fitted.stopped == "learnt at once"
    assert fitted.history[0].validation_accuracy == 1.0


def test_a_training_goes_on_from_the_state_of_one_that_was_not_profiled_and_learns_the_same(make, tmp_path):
    states: list[dict[str, Any]] = []
    whole, expected = make(
        epochs=2, plugins=(Checkpointing(lambda training, epoch, step: states.append(deepcopy(training.state()))),)
    )
    whole.fit()
    profiled, model = make(epochs=2, plugins=(Profiling(1, tmp_path),))
    profiled.restore(states[0])
    profiled.fit()
    assert (tmp_path / PROFILE_TRACE).exists()
    assert weights(model) == weights(expected)
