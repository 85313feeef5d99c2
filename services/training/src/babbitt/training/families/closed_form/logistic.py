"""The `logistic` module: a linear head on the features that `spectral` reads."""

from torch import Tensor

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.families.closed_form.config import LogisticConfig
from babbitt.training.families.linear_head import LinearHead
from babbitt.training.families.spectral.front_end import SpectralFrontEnd


class Logistic(WaveformClassifier):
    """See the family's configuration. A linear layer is exported as it is: nothing else needs converting."""

    def __init__(self, config: LogisticConfig, data: DataSpec, spec: ModelSpec) -> None:
        super().__init__()
        self.task = spec.task
        self.spectra = SpectralFrontEnd(config.spectral, data, spec.window_samples)
        self.inverse_penalty = config.inverse_penalty
        self.linear = LinearHead(self.spectra.features, len(spec.class_names))

    def front_end(self, *inputs: Tensor) -> Tensor:
        """Waveform [batch, channel, sample] to [batch, feature]."""
        return self.spectra(*inputs)

    def standardise(self, features: Tensor) -> None:
        """Take mean and standard deviation [feature] of features [window, feature]."""
        self.linear.standardise(features)

    def head(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [batch, class] of features [batch, feature], and these standardised, which are the embedding."""
        return self.linear(features)

    def learn(self, features: Tensor, labels: Tensor, seed: int) -> None:
        """As `LearnsAtOnce` says; the solution is unique, the seed decides nothing."""
        del seed
        self.linear.learn(features, labels, self.task, self.inverse_penalty)
