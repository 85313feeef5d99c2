"""How well probabilities and scores tell classes apart, wherever a threshold may lie."""

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.dataspec import ModelSpec
from babbitt.training.fitting.evaluating.answering import Answers


def class_auroc(answers: Answers, targets: NDArray[np.bool_]) -> list[float | None]:
    """Area under the ROC curve of each class against all other records; None: one of both never occurs.

    Of a one_class model by its novelty, for health as for its absence.
    """
    spec, novelty = answers.spec, answers.record_novelty()
    if spec.task == "one_class":
        unlike = -answers.served()[:, 0] if novelty is None else novelty
        return [auroc(~targets[:, 0], unlike)] * 2
    served = answers.served()
    return [auroc(targets[:, column], served[:, column]) for column in range(len(spec.class_names))]


def macro_auroc(spec: ModelSpec, by_class: list[float | None]) -> float | None:
    """Their mean, of models that do not answer one class of several."""
    known = [one for one in by_class if one is not None]
    return float(np.mean(known)) if known and spec.task != "multiclass" else None


def auroc(positive: NDArray[np.bool_], score: NDArray[np.float64]) -> float | None:
    """Area under the ROC curve of scores [one]; None: all are positive, or none is.

    By mean ranks (Mann and Whitney, 1947). scikit-learn's takes seconds to load.
    """
    ones, others = int(positive.sum()), int((~positive).sum())
    if not ones or not others:
        return None
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = np.cumsum(counts) - (counts - 1) / 2
    return float((rank[place][positive].sum() - ones * (ones + 1) / 2) / (ones * others))
