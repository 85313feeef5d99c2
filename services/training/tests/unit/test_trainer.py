from dataclasses import replace

import pytest
import torch

from babbitt.training.families.registry import load_presets
from babbitt.training.fitting import checkpoint as checkpoints
from babbitt.training.fitting.checkpoint import Checkpoint
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.errors import Diverged
from babbitt.training.fitting.seeding import seed_torch
from babbitt.training.fitting.trainer import EpochFigures, Trainer
from babbitt.training.fitting.validation import Validation
from babbitt.training.fitting.views import Views
from babbitt.training.fitting.windows import Windows

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def one_thread():
    """So small a net gains nothing by more of them, and where processors are shared they wait for one another."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


class Killed(Exception):
    """Stands for the end of a process."""


@pytest.fixture
def trainer(dataset):
    folder = DatasetFolder(dataset[0])
    preset = load_presets().named("spectral_small")
    spec = preset.config.model_spec(preset.name, folder.manifest.data_spec)
    training, validation = (Windows.of(folder.records(split), spec) for split in ("train", "validation"))

    def make(seed: int = 0, **changes) -> tuple[Trainer, torch.nn.Module]:
        seed_torch(seed, "weights")
        model = preset.config.build(folder.manifest.data_spec, spec)
        recipe = replace(preset.recipe, **changes)
        views = Views(model, training, recipe, seed, CPU)
        return Trainer(model, views, Validation(views, validation, recipe.label_smoothing), recipe, seed, CPU), model

    return make


def weights(model: torch.nn.Module) -> bytes:
    return b"".join(tensor.numpy().tobytes() for tensor in model.state_dict().values())


def ignore(_figures: EpochFigures) -> None: ...


def test_the_loss_falls_and_the_records_are_told_apart(trainer):
    fitted, _ = trainer()
    fitted.fit(ignore)
    assert fitted.history[-1].train_loss < fitted.history[0].train_loss / 2
    assert fitted.history[-1].validation_accuracy == 1.0
    assert [figures.epoch for figures in fitted.history] == [1, 2, 3, 4, 5, 6]


def test_the_same_seed_gives_the_same_weights_and_another_gives_others(trainer):
    (first, first_model), (second, second_model), (third, third_model) = trainer(1), trainer(1), trainer(2)
    for each in (first, second, third):
        each.fit(ignore)
    assert weights(first_model) == weights(second_model)
    assert weights(first_model) != weights(third_model)


@pytest.mark.parametrize("killed_after", [1, 3, 6])
def test_a_training_that_was_killed_resumes_to_the_same_weights_bit_for_bit(trainer, tmp_path, killed_after):
    whole, whole_model = trainer()
    whole.fit(ignore)
    broken, _ = trainer()

    def save_then_die(figures: EpochFigures) -> None:
        checkpoints.save(Checkpoint("0" * 64, figures.epoch, 1, broken.state()), tmp_path)
        if figures.epoch == killed_after:
            raise Killed

    with pytest.raises(Killed):
        broken.fit(save_then_die)
    resumed, resumed_model = trainer()
    resumed.restore(checkpoints.load(tmp_path / f"epoch-{killed_after:05d}.pt", request_sha256="0" * 64).trainer)
    told: list[int] = []
    resumed.fit(lambda figures: told.append(figures.epoch))
    assert told == list(range(killed_after + 1, 7))
    assert weights(resumed_model) == weights(whole_model)
    assert [replace(figures, seconds=0.0) for figures in resumed.history] == [
        replace(figures, seconds=0.0) for figures in whole.history
    ]


def test_it_stops_when_patience_is_over_and_has_the_weights_that_were_kept(trainer):
    fitted, model = trainer(epochs=30, patience=2)
    kept: dict[int, bytes] = {}

    def look(figures: EpochFigures) -> None:
        state = fitted.state()["stopping"]
        if figures.epoch == 4:  # from here on no epoch is good enough
            fitted._stopping.lowest = fitted._stopping.bound = 0.0
        kept[state["kept_epoch"]] = b"".join(tensor.numpy().tobytes() for tensor in state["kept_weights"].values())

    fitted.fit(look)
    assert [figures.epoch for figures in fitted.history] == [1, 2, 3, 4, 5, 6]
    assert fitted.kept_epoch == 4
    assert weights(model) == kept[4]


def test_a_loss_that_is_no_number_ends_the_training_with_a_reason(trainer):
    fitted, model = trainer()
    with torch.no_grad():
        next(model.parameters()).fill_(float("nan"))
    with pytest.raises(Diverged, match="no longer a number"):
        fitted.fit(ignore)
