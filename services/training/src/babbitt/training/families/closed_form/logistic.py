"""The `logistic` module: a linear layer whose weights scikit-learn finds."""

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.families.closed_form.config import LogisticConfig
from babbitt.training.families.spectral.front_end import SpectralFrontEnd

FARTHEST = 8.0
"""Standardised features are cut here: one strange number should not rule the answer."""
NEVER_SEEN = -20.0
"""Logit of a class without examples."""
ITERATIONS = 2000


class Logistic(WaveformClassifier):
    """See the family's configuration. A linear layer is exported as it is: nothing else needs converting."""

    def __init__(self, config: LogisticConfig, data: DataSpec, spec: ModelSpec) -> None:
        super().__init__()
        self.task = spec.task
        self.config = config
        self.spectra = SpectralFrontEnd(config.spectral, data, spec.window_samples)
        self.register_buffer("mean", torch.zeros(self.spectra.features))
        self.register_buffer("spread", torch.ones(self.spectra.features))
        self.classes = nn.Linear(self.spectra.features, len(spec.class_names)).requires_grad_(requires_grad=False)

    mean: Tensor
    spread: Tensor

    def front_end(self, *inputs: Tensor) -> Tensor:
        """Waveform [batch, channel, sample] to [batch, feature]."""
        return self.spectra(*inputs)

    def standardise(self, features: Tensor) -> None:
        """Take mean and standard deviation [feature] of features [window, feature]."""
        self.mean.copy_(features.mean(dim=0))
        self.spread.copy_(features.std(dim=0, unbiased=False).clamp_min(1e-3))

    def head(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [batch, class] of features [batch, feature], and these standardised, which are the embedding."""
        embedding = ((features - self.mean) / self.spread).clamp(-FARTHEST, FARTHEST)
        return self.classes(embedding), embedding

    def learn(self, features: Tensor, labels: Tensor, seed: int) -> None:
        """As `LearnsAtOnce` says; the solution is unique, the seed decides nothing."""
        del seed
        self.standardise(features)
        examples = self.head(features)[1].cpu().double().numpy()
        truth = labels.cpu().numpy()
        weights = np.zeros(self.classes.weight.shape)
        biases = np.full(len(weights), NEVER_SEEN)
        if self.task == "multilabel":
            for fault, has in enumerate(truth.T > 0.5):  # noqa: PLR2004 - yes or no
                weights[[fault]], biases[[fault]] = self._yes_or_no(examples, has)
        else:
            seen = np.unique(truth)
            weights[seen], biases[seen] = self._one_of(examples, truth, len(seen))
        self.classes.weight.copy_(torch.from_numpy(weights))
        self.classes.bias.copy_(torch.from_numpy(biases))

    def _one_of(
        self, examples: NDArray[np.float64], truth: NDArray[np.int64], seen: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Weights and biases of the classes that were seen, in their order."""
        if seen == 1:
            return np.zeros((1, examples.shape[1])), np.zeros(1)
        found = self._solver().fit(examples, truth)
        if seen > 2:  # noqa: PLR2004 - of two classes there is one row, for the second against the first
            return found.coef_, found.intercept_
        return np.vstack([0.0 * found.coef_, found.coef_]), np.append(0.0, found.intercept_)

    def _yes_or_no(
        self, examples: NDArray[np.float64], has: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if has.all() or not has.any():
            return np.zeros((1, examples.shape[1])), np.array([-NEVER_SEEN if has.all() else NEVER_SEEN])
        found = self._solver().fit(examples, has)
        return found.coef_, found.intercept_

    def _solver(self) -> LogisticRegression:
        return LogisticRegression(C=self.config.inverse_penalty, max_iter=ITERATIONS)
