"""What a record means, from what a model said of its windows: the rule that training calibrates, inference serves."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from babbitt.contracts.dataspec import ModelSpec, NoveltyRule

HEALTHY_LABELS = frozenset({"healthy", "normal", "sain"})
"""Classes that mean health; in a training another one is mapped to `healthy` by the request."""

DECIDED = 0.5
"""Where classes do not exclude each other, a fault (or health) is told at this probability and above."""
STEEPNESS = 4.0
"""Of a one_class model's probability of health over its score: 98 % at a score of 0, 2 % at two thresholds."""

type Floats = npt.NDArray[np.float32] | npt.NDArray[np.float64]
type Probabilities = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """A record's answer.

    Attributes:
        fault: the likeliest class; of equals the one named first.
        confidence: its probability.
        probabilities: of each class, in the order of the ModelSpec: float64 [class].
        prediction_set: what it may be, the likeliest first; None: the model was not calibrated for sets.
        coverage: share of such sets that should hold the truth; None: nobody can say, or there are no sets.
        windows: how many were voted.
    """

    fault: str
    confidence: float
    probabilities: Probabilities
    prediction_set: tuple[str, ...] | None
    coverage: float | None
    windows: int


@dataclass(frozen=True, slots=True)
class RecordNovelty:
    """How unlike a record is to what a model learnt from, in the score's own unit, and whether that is too much."""

    score: float
    novel: bool


def record_answer(window_probabilities: Floats, spec: ModelSpec) -> RecordAnswer:
    """The answer for one record, from its windows' probabilities [window, class]."""
    probabilities = calibrated(voted(window_probabilities), spec)
    likeliest = int(probabilities.argmax())
    inside = in_prediction_set(probabilities, spec)
    calibration = spec.calibration
    return RecordAnswer(
        fault=spec.class_names[likeliest],
        confidence=float(probabilities[likeliest]),
        probabilities=probabilities,
        prediction_set=None if inside is None else _named(inside, probabilities, spec),
        coverage=None if inside is None or calibration is None else calibration.nominal_coverage,
        windows=len(window_probabilities),
    )


def _named(inside: npt.NDArray[np.bool_], probabilities: Probabilities, spec: ModelSpec) -> tuple[str, ...]:
    """The classes of a set, the likeliest first; of equals the one named first."""
    order = np.argsort(-probabilities, kind="stable").tolist()
    return tuple(spec.class_names[index] for index in order if inside[index])


def record_novelty(window_novelty: Floats, spec: ModelSpec) -> RecordNovelty | None:
    """Whether a record is novel, from its windows' scores [window]; None: the model has no rule for it."""
    if spec.novelty is None:
        return None
    score = float(np.mean(window_novelty, dtype=np.float64))
    return RecordNovelty(score, novel=score > spec.novelty.threshold)


def record_severity(window_severity: Floats) -> float:
    """How far a record's fault has gone, from its windows' shares [window] of the way: their mean."""
    return float(np.mean(window_severity, dtype=np.float64))


def decided(probabilities: Floats) -> npt.NDArray[np.bool_]:
    """What is told of probabilities [..., class], where classes do not exclude each other."""
    return probabilities >= DECIDED


def health(novelty: Probabilities, rule: NoveltyRule) -> Probabilities:
    """What a one_class model's scores [...] are worth as probabilities of health: one half at the threshold.

    So that an alarm is never told with health as the likelier: the module's own probability knows of no threshold.
    """
    beyond = STEEPNESS * (novelty - rule.threshold) / (abs(rule.threshold) or 1.0)
    return 0.5 * (1.0 - np.tanh(0.5 * beyond))


def voted(window_probabilities: Floats) -> Probabilities:
    """The mean over the windows of one record: [window, class] to [class]."""
    return np.add.reduce(window_probabilities, axis=0, dtype=np.float64) / len(window_probabilities)


def calibrated(probabilities: Floats, spec: ModelSpec) -> Probabilities:
    """Voted probabilities [..., class] to the power of 1/temperature, normalised.

    Over the classes where a record is of exactly one; else each beside its own complement.
    """
    voted_ones = np.asarray(probabilities, dtype=np.float64)
    if spec.calibration is None or spec.calibration.temperature == 1.0:
        return voted_ones
    return tempered(voted_ones, spec.calibration.temperature, exclusive=spec.task == "multiclass")


def tempered(probabilities: Probabilities, temperature: float, *, exclusive: bool) -> Probabilities:
    """Probabilities [..., class] to the power of 1/temperature, normalised over classes or, of faults that do not
    exclude each other, over fault and no fault.
    """
    if not exclusive:
        both = np.stack([probabilities, 1.0 - probabilities], axis=-1)
        return tempered(both, temperature, exclusive=True)[..., 0]
    highest = probabilities.max(axis=-1, keepdims=True)  # of a small power everything else would underflow
    powers = (probabilities / highest) ** (1.0 / temperature)
    return powers / powers.sum(axis=-1, keepdims=True)


def in_prediction_set(probabilities: Probabilities, spec: ModelSpec) -> npt.NDArray[np.bool_] | None:
    """Which classes are in a record's prediction set [..., class], by calibrated probabilities [..., class].

    Where a record is of exactly one class, the likeliest is always among them: no set is empty. A machine with no fault
    at all has none to name, so an empty set of a multilabel model is an answer. None: there are no sets.
    """
    if spec.calibration is None or spec.calibration.set_threshold is None:
        return None
    inside = probabilities >= spec.calibration.set_threshold
    if spec.task == "multiclass":
        np.put_along_axis(inside, probabilities.argmax(axis=-1)[..., None], values=True, axis=-1)
    return inside
