"""A linear layer on standardised features, whose weights scikit-learn finds."""

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from babbitt.training.families.classifier import Task

FARTHEST = 8.0
"""Standardised features are cut here: one strange number should not rule the answer."""
NEVER_SEEN = -20.0
"""Logit of a class without examples."""
ITERATIONS = 2000


class LinearHead(nn.Module):
    """Logistic regression, exported as it is: nothing needs converting.

    Args:
        features: how many.
        classes: how many.
        balanced: every class counts the same, however many examples it has.
    """

    def __init__(self, features: int, classes: int, *, balanced: bool = False) -> None:
        super().__init__()
        self.class_weight = "balanced" if balanced else None
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("spread", torch.ones(features))
        self.classes = nn.Linear(features, classes).requires_grad_(requires_grad=False)

    mean: Tensor
    spread: Tensor

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [batch, class] of features [batch, feature], and these standardised."""
        standard = ((features - self.mean) / self.spread).clamp(-FARTHEST, FARTHEST)
        return self.classes(standard), standard

    def standardise(self, features: Tensor) -> None:
        """Take mean and standard deviation [feature] of features [window, feature]."""
        self.mean.copy_(features.mean(dim=0))
        self.spread.copy_(features.std(dim=0, unbiased=False).clamp_min(1e-3))

    def learn(self, features: Tensor, labels: Tensor, task: Task, inverse_penalty: float) -> None:
        """Find mean, spread and weights; the solution is unique: equal examples give equal weights.

        Args:
            features: [example, feature].
            labels: as `LearnsAtOnce` says.
            task: what they mean.
            inverse_penalty: scikit-learn's `C`: the smaller, the smaller the weights.
        """
        solver = LogisticRegression(C=inverse_penalty, class_weight=self.class_weight, max_iter=ITERATIONS)
        self.standardise(features)
        examples = self(features)[1].cpu().double().numpy()
        truth = labels.cpu().numpy()
        weights = np.zeros(self.classes.weight.shape)
        biases = np.full(len(weights), NEVER_SEEN)
        if task == "multilabel":
            for fault, has in enumerate(truth.T > 0.5):  # noqa: PLR2004 - yes or no
                weights[[fault]], biases[[fault]] = _yes_or_no(solver, examples, has)
        else:
            seen = np.unique(truth)
            weights[seen], biases[seen] = _one_of(solver, examples, truth, len(seen))
        self.classes.weight.copy_(torch.from_numpy(weights))
        self.classes.bias.copy_(torch.from_numpy(biases))


def _one_of(
    solver: LogisticRegression, examples: NDArray[np.float64], truth: NDArray[np.int64], seen: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights and biases of the classes that were seen, in their order."""
    if seen == 1:
        return np.zeros((1, examples.shape[1])), np.zeros(1)
    found = solver.fit(examples, truth)
    if seen > 2:  # noqa: PLR2004 - of two classes there is one row, for the second against the first
        return found.coef_, found.intercept_
    return np.vstack([0.0 * found.coef_, found.coef_]), np.append(0.0, found.intercept_)


def _yes_or_no(
    solver: LogisticRegression, examples: NDArray[np.float64], has: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if has.all() or not has.any():
        return np.zeros((1, examples.shape[1])), np.array([-NEVER_SEEN if has.all() else NEVER_SEEN])
    found = solver.fit(examples, has)
    return found.coef_, found.intercept_
