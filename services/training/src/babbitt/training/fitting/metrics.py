"""How right answers are, from truth and answer as class indices."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Scores:
    """What a confusion matrix [truth, answer] says. Classes that never occur count neither way.

    Attributes:
        accuracy: share answered right.
        precision, recall, f1: a class each; 0 where a class was never answered.
        support: how many of each class there were.
    """

    confusion: NDArray[np.int64]

    @classmethod
    def of(cls, truth: NDArray[np.int64], answer: NDArray[np.int64], classes: int) -> "Scores":
        """Count pairs of truth and answer."""
        confusion = np.zeros((classes, classes), dtype=np.int64)
        np.add.at(confusion, (truth, answer), 1)
        return cls(confusion)

    @property
    def support(self) -> NDArray[np.int64]:
        return self.confusion.sum(axis=1)

    @property
    def accuracy(self) -> float:
        return float(np.trace(self.confusion) / self.confusion.sum())

    @property
    def recall(self) -> NDArray[np.float64]:
        return np.diag(self.confusion) / np.maximum(self.support, 1)

    @property
    def precision(self) -> NDArray[np.float64]:
        return np.diag(self.confusion) / np.maximum(self.confusion.sum(axis=0), 1)

    @property
    def f1(self) -> NDArray[np.float64]:
        total = self.precision + self.recall
        return 2.0 * self.precision * self.recall / np.where(total > 0, total, 1.0)

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the classes that occur."""
        return float(self.f1[self.support > 0].mean())
