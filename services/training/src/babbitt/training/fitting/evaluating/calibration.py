"""Makes a record's probabilities honest and its prediction sets keep what they promise.

Fitted on the record-level answer as it is served, on records that neither learning, early stopping nor the test has
seen: a part of validation, or what models of other folds answered for records new to them.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.answers import tempered
from babbitt.contracts.dataspec import Calibration, ModelSpec
from babbitt.training.fitting.evaluating.by_group import group_weights, groups_needed, lower_bound_of_new

COVERAGE = 0.9
TEMPERATURES = np.geomspace(0.05, 20.0, 301)
"""Steps of 2 %: no calibration set tells temperatures apart that are closer."""
SMALLEST = 1e-12
"""A probability that is 0 has no logarithm."""


def fit_calibration(
    voted: NDArray[np.float64],
    targets: NDArray[np.bool_],
    groups: Sequence[str],
    spec: ModelSpec,
    *,
    coverage: float = COVERAGE,
) -> Calibration | None:
    """Temperature and set threshold, from what calibration records were answered before any calibration.

    Args:
        voted: the mean over the windows of each record [record, class].
        targets: what is true of each [record, class].
        groups: of each record; every group counts once.
        spec: what the probabilities are.
        coverage: share of sets that should hold the truth.

    Returns:
        None: there is nothing to fit on, or the model tells health by a score alone.
    """
    if not groups or spec.task == "one_class":
        return None
    exclusive, count = spec.task == "multiclass", len(set(groups))
    temperature = _temperature(voted, targets, group_weights(groups), count, exclusive=exclusive)
    truth = _least_true(tempered(voted, temperature, exclusive=exclusive), targets)
    threshold = lower_bound_of_new(truth, groups, coverage)
    if threshold is not None:
        return Calibration(
            temperature=temperature, set_threshold=_share(threshold), nominal_coverage=coverage, groups=count
        )
    return Calibration(
        temperature=temperature,
        set_threshold=_share(float(truth.min())),
        groups=count,
        note=(
            f"a coverage of {coverage:.0%} needs {groups_needed(coverage)} groups to calibrate on, there are {count}: "
            "sets hold whatever is as likely as the truth was in the worst of their records, which promises nothing"
        ),
    )


def _temperature(
    voted: NDArray[np.float64],
    targets: NDArray[np.bool_],
    weights: NDArray[np.float64],
    groups: int,
    *,
    exclusive: bool,
) -> float:
    """That of the lowest mean cross-entropy, every group counting once.

    The truth counts as 1 - 1/(groups + 2), as in Platt's scaling (1999): that a few groups were all answered right does
    not make the next one certain.
    """
    doubt = 1.0 / (groups + 2)
    if exclusive:
        others = max(1, targets.shape[1] - 1)
        wanted = np.where(targets, 1.0 - doubt, doubt / others)
    else:
        wanted = np.where(targets, 1.0 - doubt, doubt)

    def loss(temperature: float) -> float:
        probabilities = tempered(voted, temperature, exclusive=exclusive)
        terms = wanted * np.log(np.maximum(probabilities, SMALLEST))
        if not exclusive:
            terms += (1.0 - wanted) * np.log(np.maximum(1.0 - probabilities, SMALLEST))
        return -float(np.average(terms.sum(axis=1), weights=weights))

    return min(TEMPERATURES.tolist(), key=loss)


def _least_true(probabilities: NDArray[np.float64], targets: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The least probability of what is true of each record; 1 where nothing is."""
    return np.where(targets, probabilities, 1.0).min(axis=1)


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))
