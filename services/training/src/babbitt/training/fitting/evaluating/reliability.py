"""How honest probabilities are: how sure answers were, and how often right."""

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.dataspec import ModelSpec
from babbitt.contracts.model_scores import ReliabilityBin

BINS = 15


def reliability(served: NDArray[np.float64], targets: NDArray[np.bool_], spec: ModelSpec) -> tuple[ReliabilityBin, ...]:
    """Answers in 15 bins of equal width by their confidence; empty bins are left out.

    Of a multiclass model the likeliest class of each record; of a multilabel one each fault's probability by itself; of
    a one_class one nothing: what it tells is a score.
    """
    match spec.task:
        case "one_class":
            return ()
        case "multilabel":
            confidence, right = served.ravel(), targets.ravel()
        case "multiclass":
            likeliest = served.argmax(axis=1)[:, None]
            confidence = np.take_along_axis(served, likeliest, axis=1)[:, 0]
            right = np.take_along_axis(targets, likeliest, axis=1)[:, 0]
    place = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    return tuple(
        ReliabilityBin(
            low=index / BINS,
            high=(index + 1) / BINS,
            answers=int((place == index).sum()),
            confidence=float(confidence[place == index].mean()),
            accuracy=float(right[place == index].mean()),
        )
        for index in np.unique(place).tolist()
    )


def calibration_error(bins: tuple[ReliabilityBin, ...]) -> float | None:
    """Expected calibration error (Naeini et al., 2015): mean distance of confidence and accuracy over all answers."""
    answers = sum(one.answers for one in bins)
    if not answers:
        return None
    return sum(one.answers * abs(one.confidence - one.accuracy) for one in bins) / answers
