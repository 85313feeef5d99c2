"""Optuna is asked by a study's rows alone."""

from uuid import UUID

import pytest

from babbitt.contracts.training_requests import TrainRequested
from babbitt.contracts.tuning import Choice, Interval, TuningRequested
from babbitt.training.adapters import optuna_sampler
from babbitt.training.adapters.optuna_sampler import OptunaSampler
from babbitt.training.domain.study import Attempted, Study, TrialState

SPACE = {
    "learning_rate": Interval(low=1e-4, high=1e-2, log=True),
    "epochs": Interval(kind="int", low=2, high=9),
    "preset": Choice(kind="choice", values=("spectral_small", "logistic_small")),
}
SETTINGS = {"learning_rate": 1e-3, "epochs": 4, "preset": "spectral_small"}
COMPLETED = TrialState.COMPLETED


@pytest.fixture
def study(cause):
    def make(*trials, seed=0):
        base = TrainRequested(model="pump", dataset="d" * 64)
        request = TuningRequested(base=base, space=SPACE, seed=seed)
        rows = [
            Attempted(number, UUID(int=number), SETTINGS | settings, state, losses, losses[-1] if losses else None)
            for number, (settings, state, losses) in enumerate(trials)
        ]
        return Study(UUID(int=99), request, cause, trials=rows)

    return make


async def test_what_is_asked_follows_from_the_study_and_lies_in_its_space(study):
    before = [({"epochs": 2 + number % 8}, COMPLETED, (0.1 * number,)) for number in range(12)]
    before.append(({}, TrialState.RUNNING, ()))
    one, again, other = [await OptunaSampler().ask(study(*before, seed=seed)) for seed in (0, 0, 1)]
    assert one == again != other
    assert 1e-4 <= one["learning_rate"] <= 1e-2
    assert type(one["epochs"]) is int
    assert one["preset"] in SPACE["preset"].values


async def test_trials_at_once_are_asked_for_different_settings(study):
    first = await OptunaSampler().ask(study())
    assert await OptunaSampler().ask(study((first, TrialState.RUNNING, ()))) != first


@pytest.mark.parametrize(
    ("completed", "losses", "behind"),
    [(4, (0.9, 0.8), True), (4, (0.9, 0.3), False), (3, (0.9, 0.8), False), (4, (0.9,), False)],
)
async def test_a_trial_lies_behind_where_the_median_of_enough_others_does_better(study, completed, losses, behind):
    others = [({}, COMPLETED, (0.6, 0.5)) for _ in range(completed)]
    found = study(*others, ({}, TrialState.RUNNING, losses))
    assert await OptunaSampler().lies_behind(found, found.trials[-1], epochs=8) is behind


async def test_importance_is_of_what_the_losses_follow(study):
    trials = [({"epochs": 2 + number % 8}, COMPLETED, (float(number % 8),)) for number in range(16)]
    shares = await OptunaSampler().importance(study(*trials))
    assert max(shares, key=shares.get) == "epochs"
    assert await OptunaSampler().importance(study(*trials[:3])) == {}


async def test_where_the_losses_do_not_vary_nothing_is_important(study):
    trials = [({"epochs": 2 + number}, COMPLETED, (1e-200 * number,)) for number in range(8)]
    assert await OptunaSampler().importance(study(*trials)) == {}


async def test_no_study_is_rebuilt_for_a_trial_that_cannot_lie_behind_yet(study, monkeypatch):
    monkeypatch.setattr(optuna_sampler, "_rebuilt", None)
    few = study(*[({}, COMPLETED, (0.5, 0.5))] * 3, ({}, TrialState.RUNNING, (0.9, 0.9)))
    young = study(*[({}, COMPLETED, (0.5, 0.5))] * 9, ({}, TrialState.RUNNING, (0.9,)))
    assert not await OptunaSampler().lies_behind(few, few.trials[-1], epochs=4)
    assert not await OptunaSampler().lies_behind(young, young.trials[-1], epochs=10)
