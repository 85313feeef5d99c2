"""Optuna as sampler, pruner and judge of importance. It stores nothing: each answer is from the study alone."""

import asyncio
import hashlib
from math import ceil
from typing import TYPE_CHECKING

from babbitt.contracts.tuning import Choice, Interval, Space
from babbitt.training.domain.study import Attempted, Settings, Study, TrialState

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

WARM_UP_SHARE = 0.2
"""Of a trial's epochs: before, losses tell too little."""
PRUNED_AFTER_TRIALS = 4
"""So many have to be completed before the median of them says anything."""
FEWEST_FOR_IMPORTANCE = 4


class OptunaSampler:
    """A study of Optuna's is made anew from ours for each question, in a thread: it computes."""

    async def ask(self, study: Study) -> Settings:
        """What the next trial is to try: by a tree-structured Parzen estimator, which takes running trials for bad."""
        return await asyncio.to_thread(_ask, study)

    async def lies_behind(self, study: Study, trial: Attempted, epochs: int) -> bool:
        """Whether its best loss so far is above the median of the completed trials' at its last epoch."""
        return await asyncio.to_thread(_lies_behind, study, trial, epochs)

    async def importance(self, study: Study) -> dict[str, float]:
        """By functional analysis of variance (Hutter et al., 2014); empty where too few trials tell."""
        return await asyncio.to_thread(_importance, study)


def _ask(study: Study) -> Settings:
    asked = _rebuilt(study).ask(fixed_distributions=_distributions(study))
    return asked.params


def _lies_behind(study: Study, trial: Attempted, epochs: int) -> bool:
    warm_up = ceil(WARM_UP_SHARE * epochs)
    completed = sum(one.state is TrialState.COMPLETED for one in study.trials)
    if completed < PRUNED_AFTER_TRIALS or len(trial.losses) < warm_up:
        return False  # as Optuna would say, of a study that need not be rebuilt for it
    import optuna  # noqa: PLC0415 - takes a second: not for who tunes nothing

    pruner = optuna.pruners.MedianPruner(PRUNED_AFTER_TRIALS, n_warmup_steps=warm_up)
    return bool(pruner.prune(_rebuilt(study), _frozen(trial, _distributions(study))))


def _importance(study: Study) -> dict[str, float]:
    losses = {trial.loss for trial in study.trials if trial.state is TrialState.COMPLETED}
    if len(losses) < FEWEST_FOR_IMPORTANCE:
        return {}
    import optuna  # noqa: PLC0415 - takes a second: not for who tunes nothing

    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=_seed(study))
    try:
        shares = optuna.importance.get_param_importances(_rebuilt(study), evaluator=evaluator)
    except RuntimeError:  # where the losses hardly differ no tree has any variance
        return {}
    return {name: float(share) for name, share in shares.items()}


def _rebuilt(study: Study) -> "optuna.Study":
    import optuna  # noqa: PLC0415 - takes a second: not for who tunes nothing

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=_seed(study), constant_liar=True)
    rebuilt = optuna.create_study(sampler=sampler)
    distributions = _distributions(study)
    rebuilt.add_trials([_frozen(trial, distributions) for trial in study.trials])
    return rebuilt


def _frozen(trial: Attempted, distributions: "dict[str, BaseDistribution]") -> "FrozenTrial":
    from optuna.trial import TrialState as Theirs  # noqa: PLC0415 - takes a second: not for who tunes nothing
    from optuna.trial import create_trial  # noqa: PLC0415 - as above

    states = {
        TrialState.RUNNING: Theirs.RUNNING,
        TrialState.COMPLETED: Theirs.COMPLETE,
        TrialState.PRUNED: Theirs.PRUNED,
        TrialState.FAILED: Theirs.FAIL,
    }
    return create_trial(
        state=states[trial.state],
        value=trial.loss if trial.state is TrialState.COMPLETED else None,
        params=dict(trial.settings),
        distributions=distributions,
        intermediate_values=dict(enumerate(trial.losses, start=1)),
    )


def _distributions(study: Study) -> "dict[str, BaseDistribution]":
    return {name: _distribution(space) for name, space in study.request.space.items()}


def _distribution(space: Space) -> "BaseDistribution":
    from optuna.distributions import (  # noqa: PLC0415 - takes a second: not for who tunes nothing
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    match space:
        case Choice(values=values):
            return CategoricalDistribution(values)
        case Interval(kind="int", low=low, high=high, log=log):
            return IntDistribution(int(low), int(high), log=log)
        case Interval(low=low, high=high, log=log):
            return FloatDistribution(low, high, log=log)


def _seed(study: Study) -> int:
    """Of the next trial: another one for each, else all would be drawn alike."""
    digest = hashlib.sha256(f"{study.request.seed}/{len(study.trials)}".encode()).digest()
    return int.from_bytes(digest[:4])
