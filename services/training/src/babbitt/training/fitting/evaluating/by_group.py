"""Each group counts once, however many records it has."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from babbitt.training.fitting.evaluating.intervals import group_index

TOLERANCE = 1e-9
"""Of sums of weights."""


def group_weights(groups: Sequence[str]) -> NDArray[np.float64]:
    """Weight of each record [record]: those of one group add up to 1."""
    index, _ = group_index(groups)
    return 1.0 / np.bincount(index)[index]


def groups_needed(share: float) -> int:
    """How many groups a promise for this share of records of new groups takes: 9 for 90 %."""
    return int(np.ceil(share / (1.0 - share) - TOLERANCE))


def lower_bound_of_new(values: NDArray[np.float64], groups: Sequence[str], share: float) -> float | None:
    """What a record of a new group reaches with this probability; None: there are too few groups to say so.

    Split-conformal quantile for groups: each of K groups weighs 1/(K + 1), its records share that, the group that is
    to come weighs as much and may lie anywhere (Lee, Barber and Willett, "Distribution-free inference with hierarchical
    data", 2023). Where every record is a group of its own it is the ordinary one.
    """
    weights = group_weights(groups)
    weights /= len(set(groups)) + 1
    order = np.argsort(-values, kind="stable")
    reached = np.flatnonzero(np.cumsum(weights[order]) >= share - TOLERANCE)
    return float(values[order[reached[0]]]) if reached.size else None
