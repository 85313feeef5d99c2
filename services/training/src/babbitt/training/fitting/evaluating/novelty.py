"""When a record is like nothing that was learnt from: thresholds from held-out records, never from training windows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.dataspec import NoveltyRule
from babbitt.training.fitting.evaluating.by_group import groups_needed, lower_bound_of_new

FALSE_ALARM_SHARE = 0.01


def fit_novelty(
    scores: NDArray[np.float64], groups: Sequence[str], *, false_alarm_share: float = FALSE_ALARM_SHARE
) -> NoveltyRule | None:
    """The rule by which at most this share of a new machine's records is novel, of what is known.

    Args:
        scores: of records that were not learnt from: of held-out machines, or of a machine's own first N; of a
            one_class model of healthy ones alone.
        groups: of each record; every group counts once.
        false_alarm_share: what is accepted, before k of n.

    Returns:
        With too few groups for such a promise the highest score that was seen; None: there is none.
    """
    if not groups:
        return None
    count, kept = len(set(groups)), 1.0 - false_alarm_share
    bound = lower_bound_of_new(-scores, groups, kept)
    threshold = float(scores.max()) if bound is None else -bound
    note = ""
    if bound is None:
        note = (
            f"{false_alarm_share:.0%} false alarms on new machines need {groups_needed(kept)} groups to say so, there "
            f"are {count}: the threshold is the highest score among their records"
        )
    return NoveltyRule(
        threshold=threshold,
        records=len(scores),
        groups=count,
        false_alarm_share=float((scores > threshold).mean()),
        note=note,
    )
