"""How right answers are: what is true and what is answered, class by class."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.answers import decided
from babbitt.contracts.dataspec import ModelSpec
from babbitt.training.fitting.evaluating.answering import Answers

HEALTH = ("healthy", "novel")

type Truth = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scores:
    """Truth and answers of records or of windows; classes that never occur count neither way.

    Attributes:
        names: of the columns.
        truth, answer: what each has, and what was told of it: bool [one, class].
    """

    names: tuple[str, ...]
    truth: Truth
    answer: Truth

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each is right in full: bool [one]."""
        return (self.truth == self.answer).all(axis=1)

    @property
    def accuracy(self) -> float:
        return float(self.right.mean())

    @property
    def support(self) -> NDArray[np.int64]:
        return self.truth.sum(axis=0)

    @property
    def recall(self) -> NDArray[np.float64]:
        return self._hits / np.maximum(self.support, 1)

    @property
    def precision(self) -> NDArray[np.float64]:
        return self._hits / np.maximum(self.answer.sum(axis=0), 1)

    @property
    def f1(self) -> NDArray[np.float64]:
        return f1_of(self._hits, self.answer.sum(axis=0), self.support)

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the classes that occur."""
        occurs = self.support > 0
        return float(self.f1[occurs].mean()) if occurs.any() else 0.0

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Counts [truth, answer], where each has exactly one class."""
        return self.truth.T.astype(np.int64) @ self.answer.astype(np.int64)

    @property
    def _hits(self) -> NDArray[np.int64]:
        return (self.truth & self.answer).sum(axis=0)


def f1_of(hits: NDArray[np.int64], answered: NDArray[np.int64], support: NDArray[np.int64]) -> NDArray[np.float64]:
    """Harmonic mean of precision and recall from counts; 0 where a class was neither there nor answered."""
    return 2.0 * hits / np.maximum(answered + support, 1)


def record_scores(answers: Answers, targets: Truth) -> Scores:
    """Of records, by the answer that is served."""
    return _scores(answers.spec, answers.served(), answers.record_novelty(), targets)


def window_scores(answers: Answers, targets: Truth) -> Scores:
    """Of windows, each by itself, against the truth of its record."""
    return _scores(answers.spec, answers.probabilities, answers.novelty, targets[answers.record])


def answer_names(scores: Scores, spec: ModelSpec) -> list[str]:
    """What was answered for each, in words."""
    if spec.task != "multilabel":
        return [scores.names[index] for index in scores.answer.argmax(axis=1)]
    return ["+".join(fault_names(row, spec.class_names)) or HEALTH[0] for row in scores.answer]


def fault_names(row: NDArray[np.bool_], names: Sequence[str]) -> tuple[str, ...]:
    """Of the columns that are true."""
    return tuple(name for name, true in zip(names, row.tolist(), strict=True) if true)


def _scores(
    spec: ModelSpec,
    probabilities: NDArray[np.float32] | NDArray[np.float64],
    novelty: NDArray[np.float32] | NDArray[np.float64] | None,
    targets: Truth,
) -> Scores:
    match spec.task:
        case "multilabel":
            return Scores(spec.class_names, targets, decided(probabilities))
        case "one_class":
            novel = _novel(spec, probabilities, novelty)
            healthy = targets[:, 0]
            return Scores(HEALTH, np.stack([healthy, ~healthy], axis=1), np.stack([~novel, novel], axis=1))
        case "multiclass":
            answer = np.zeros(targets.shape, dtype=np.bool_)
            np.put_along_axis(answer, probabilities.argmax(axis=1)[:, None], values=True, axis=1)
            return Scores(spec.class_names, targets, answer)


def _novel(
    spec: ModelSpec,
    probabilities: NDArray[np.float32] | NDArray[np.float64],
    novelty: NDArray[np.float32] | NDArray[np.float64] | None,
) -> NDArray[np.bool_]:
    if novelty is None or spec.novelty is None:
        return ~decided(probabilities[:, 0])
    return novelty > spec.novelty.threshold
