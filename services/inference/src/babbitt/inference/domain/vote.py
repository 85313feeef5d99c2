"""How the windows of a record become its one answer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

type Probabilities = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a record means: the likeliest fault, and the probability of each; they add up to 1."""

    fault: str
    confidence: float
    probabilities: dict[str, float]
    windows: int


def mean_probability(probabilities: Probabilities, class_names: Sequence[str]) -> Diagnosis:
    """The mean over the windows of a record, [windows, classes]; of equals the class named first."""
    means = probabilities.mean(axis=0, dtype=np.float64)
    likeliest = int(means.argmax())
    return Diagnosis(
        fault=class_names[likeliest],
        confidence=float(means[likeliest]),
        probabilities=dict(zip(class_names, means.tolist(), strict=True)),
        windows=len(probabilities),
    )
