"""How sure numbers are: records of one group are no independent evidence, so groups are resampled."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from babbitt.training.fitting.evaluating.scores import Scores, f1_of

GROUPS_NEEDED = 8
RESAMPLES = 2000
CHUNK = 200
TAIL = 0.025

type Bounds = tuple[float, float]


def group_index(groups: Sequence[str]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The place of each record's group among the groups' names, which are in order."""
    names = sorted(set(groups))
    place = {name: index for index, name in enumerate(names)}
    return np.array([place[group] for group in groups], dtype=np.int64), tuple(names)


def accuracy_interval(right: NDArray[np.bool_], groups: Sequence[str], seed: int = 0) -> Bounds | None:
    """95 % of the share of right answers, by 2,000 resamples of groups; None: there are fewer than 8.

    Where no group holds a wrong answer (or a right one), resampling sees no variation at all; then the bound is the
    exact one of a share of groups (Clopper and Pearson, 1934).
    """
    index, names = group_index(groups)
    if len(names) < GROUPS_NEEDED:
        return None
    hits = np.bincount(index, weights=right, minlength=len(names))
    sizes = np.bincount(index, minlength=len(names))
    if right.all():
        return TAIL ** (1 / len(names)), 1.0
    if not right.any():
        return 0.0, 1.0 - TAIL ** (1 / len(names))
    drawn = np.concatenate([(draws @ hits) / (draws @ sizes) for draws in _resampled(len(names), seed)])
    return _bounds(drawn)


def macro_f1_interval(scores: Scores, groups: Sequence[str], seed: int = 0) -> Bounds | None:
    """95 % of the macro-F1, likewise; None, too, where no answer is wrong."""
    index, names = group_index(groups)
    if len(names) < GROUPS_NEEDED or scores.right.all():
        return None
    summed = [
        _by_group(counts, index, len(names)) for counts in (scores.truth & scores.answer, scores.answer, scores.truth)
    ]
    drawn: list[NDArray[np.float64]] = []
    for draws in _resampled(len(names), seed):
        hits, answered, support = (draws @ counts for counts in summed)
        occurs = support > 0
        drawn.append((f1_of(hits, answered, support) * occurs).sum(axis=1) / np.maximum(occurs.sum(axis=1), 1))
    return _bounds(np.concatenate(drawn))


def _resampled(groups: int, seed: int) -> list[NDArray[np.int64]]:
    """How often each group is drawn: [resample, group], in chunks."""
    draw = np.random.default_rng(seed)
    shares = np.full(groups, 1.0 / groups)
    return [draw.multinomial(groups, shares, size=CHUNK) for _ in range(RESAMPLES // CHUNK)]


def _by_group(counted: NDArray[np.bool_], index: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    total = np.zeros((groups, counted.shape[1]), dtype=np.int64)
    np.add.at(total, index, counted)
    return total


def _bounds(drawn: NDArray[np.float64]) -> Bounds:
    low, high = np.quantile(drawn, [TAIL, 1.0 - TAIL])
    return float(low), float(high)
