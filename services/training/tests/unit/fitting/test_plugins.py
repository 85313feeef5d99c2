"""Each plug-in by itself, on a training that is none."""

import json
from types import SimpleNamespace

import pytest
import torch

from babbitt.training.families.preset import Recipe
from babbitt.training.fitting.examples import Batch
from babbitt.training.fitting.figures import EpochFigures, Judgement
from babbitt.training.fitting.hardware import Hardware
from babbitt.training.fitting.layout import PROFILE_TABLE, PROFILE_TRACE
from babbitt.training.fitting.plugins.averaging import WeightAveraging
from babbitt.training.fitting.plugins.budget import Budget
from babbitt.training.fitting.plugins.checkpointing import Checkpointing
from babbitt.training.fitting.plugins.clipping import GradientClipping
from babbitt.training.fitting.plugins.early_stopping import EarlyStopping
from babbitt.training.fitting.plugins.keep_last import KeepLast
from babbitt.training.fitting.plugins.mixup import Mixup
from babbitt.training.fitting.plugins.physics_penalty import PhysicsPenalty
from babbitt.training.fitting.plugins.profiling import Profiling
from babbitt.training.fitting.plugins.progress import EVERY_S, StepProgress

RECIPE = Recipe(epochs=10, batch_size=8, learning_rate=0.1, patience=2)


class Training(SimpleNamespace):
    """As much of a training as a plug-in sees."""

    def __init__(self, **fields):
        model = torch.nn.Linear(1, 1, bias=False)
        model.weight.data.fill_(0.0)
        super().__init__(
            model=model,
            judged=model,
            recipe=RECIPE,
            seed=3,
            device=torch.device("cpu"),
            epoch=1,
            step=0,
            steps=4,
            history=[],
            train_loss=0.5,
            kept_epoch=0,
            kept_loss=float("inf"),
            stopped=None,
        )
        self.__dict__.update(fields)

    def stop(self, why):
        self.stopped = self.stopped or why


def figures(seconds: float = 1.0) -> EpochFigures:
    return EpochFigures(1, 10, 1.0, 1.0, 0.5, 0.1, seconds)


def judged(losses, standard_error: float = 0.1) -> tuple[EarlyStopping, Training]:
    stopping, training = EarlyStopping(patience=2), Training()
    for epoch, loss in enumerate(losses, start=1):
        training.epoch = epoch
        training.model.weight.data.fill_(float(epoch))
        stopping.judged(training, Judgement(loss, standard_error, 0.5))
    return stopping, training


def test_the_latest_weights_within_a_standard_error_of_the_best_are_kept():
    stopping, training = judged([1.0, 0.5, 0.55, 0.59, 0.7])
    assert (training.kept_epoch, training.kept_loss) == (4, 0.59)
    stopping.end(training)
    assert training.model.weight.item() == 4.0


@pytest.mark.parametrize(
    ("losses", "stops"), [([0.5, 0.7], None), ([0.5, 0.7, 0.55, 0.7], None), ([0.5, 0.7, 0.7], "patience")]
)
def test_what_is_clearly_worse_uses_up_patience_and_what_is_not_restores_it(losses, stops):
    assert judged(losses)[1].stopped == stops


def test_early_stopping_goes_on_from_its_state():
    stopping, training = judged([0.5, 0.7])
    again = EarlyStopping(patience=2)
    again.restore(stopping.state())
    again.judged(training, Judgement(0.8, 0.1, 0.5))
    assert training.stopped == "patience"


def test_a_running_average_follows_the_weights_and_forgets_faster_while_it_is_young():
    training, average = Training(), WeightAveraging(decay=0.9)
    average.begin(training)
    training.model.weight.data.fill_(1.0)
    average.step_over(training)
    young = training.judged.weight.item()
    for _ in range(100):
        average.step_over(training)
    assert 0.5 < young < 1.0
    assert 0.999 < training.judged.weight.item() <= 1.0


def test_without_validation_the_last_weights_are_kept_and_the_average_where_there_is_one():
    training, average = Training(history=[figures(), figures()]), WeightAveraging(decay=0.9)
    average.begin(training)
    training.model.weight.data.fill_(1.0)
    average.step_over(training)
    KeepLast().end(training)
    assert training.kept_epoch == 2
    assert training.model.weight.item() == training.judged.weight.item() < 1.0


def test_gradients_are_clipped_to_the_norm_and_the_norm_before_is_told():
    training, clipping = Training(), GradientClipping(0.5)
    training.model.weight.grad = torch.tensor([[4.0]])
    clipping.gradients(training)
    assert training.model.weight.grad.item() == pytest.approx(0.5)
    assert clipping.metrics() == {"gradient_norm": pytest.approx(4.0)}
    assert clipping.metrics() == {}


def test_mixup_mixes_examples_and_targets_in_the_same_shares_and_draws_the_same_again():
    batch = Batch((torch.eye(6), torch.arange(6.0)), torch.eye(6))
    mixed = Mixup(0.4).batch(Training(), batch)
    assert torch.allclose(mixed.read[0], mixed.targets)
    assert torch.allclose(mixed.targets.sum(dim=1), torch.ones(6))
    assert (mixed.targets.diagonal() >= 0.5).all()
    assert torch.equal(mixed.read[1], torch.arange(6.0))
    assert torch.equal(Mixup(0.4).batch(Training(), batch).targets, mixed.targets)
    assert not torch.equal(Mixup(0.4).batch(Training(step=1), batch).targets, mixed.targets)


def test_a_physics_penalty_is_weighted_and_added():
    training = Training(model=SimpleNamespace(penalty=lambda features, logits: features.sum() + logits.sum()))
    batch = Batch((torch.ones(2, 1),), torch.ones(2, 1))
    assert PhysicsPenalty(0.5).loss(training, torch.tensor(1.0), batch, torch.ones(2, 1)).item() == 3.0


def stepped(profiling: Profiling, steps: int) -> None:
    """A training of so many steps, each of which multiplies matrices; between them nobody else does anything."""
    training = Training()
    profiling.begin(training)
    for step in range(steps):
        with torch.profiler.record_function(f"step {step}"):
            torch.ones(2, 2) @ torch.ones(2, 2)
        profiling.step_over(training)
    profiling.end(training)


@pytest.mark.parametrize(("steps", "seen"), [(6, [2, 3, 4]), (4, [2, 3]), (2, [])])
def test_the_profile_is_of_so_many_steps_after_the_first_two_and_of_fewer_where_there_are_fewer(steps, seen, tmp_path):
    profiling = Profiling(3, tmp_path / "out")
    stepped(profiling, steps)
    if not seen:
        assert not (tmp_path / "out").exists()
        return
    traced = {event["name"] for event in json.loads((tmp_path / "out" / PROFILE_TRACE).read_text())["traceEvents"]}
    assert {name for name in traced if name.startswith("step ")} == {f"step {step}" for step in seen}
    assert "aten::mm" in (tmp_path / "out" / PROFILE_TABLE).read_text()


def test_of_several_runs_the_first_is_profiled_and_the_others_are_not(tmp_path):
    profiling = Profiling(1, tmp_path)
    stepped(profiling, 4)
    (tmp_path / PROFILE_TRACE).unlink()
    stepped(profiling, 4)
    assert not (tmp_path / PROFILE_TRACE).exists()


@pytest.mark.parametrize(("left_s", "stops"), [(3.0, None), (1.5, "budget")])
def test_no_epoch_is_begun_that_would_not_end_in_time(left_s, stops):
    training = Training(history=[figures(2.0), figures(1.0)])
    Budget(lambda: left_s, Hardware(training.device).agreed).epoch_over(training, figures())
    assert training.stopped == stops


def test_an_epoch_ends_early_only_where_there_is_one_to_keep():
    budget = Budget(lambda: -1.0, Hardware(torch.device("cpu")).agreed)
    first, second = Training(), Training(history=[figures()])
    for training in (first, second):
        budget.step_over(training)
    assert (first.stopped, second.stopped) == (None, "budget")


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_progress_is_told_at_most_every_two_seconds_with_what_a_step_takes():
    told, clock = [], Clock()
    progress, training = StepProgress(lambda of, a_step_s: told.append((of.step, a_step_s)), clock), Training()
    progress.begin(training)
    for training.step in range(1, 5):
        clock.now += 0.75 * EVERY_S
        progress.step_over(training)
    assert told == [(2, pytest.approx(1.5)), (4, pytest.approx(1.5))]


def test_state_is_saved_after_every_epoch_and_within_long_ones():
    saved, clock = [], Clock()
    checkpointing = Checkpointing(lambda _, epoch, step: saved.append((epoch, step)), 60.0, clock)
    training = Training(epoch=2)
    checkpointing.begin(training)
    for training.step in (1, 2, 3, 4):
        clock.now += 40.0
        checkpointing.step_over(training)
    checkpointing.epoch_over(training, figures())
    assert saved == [(1, 2), (1, 0)]
