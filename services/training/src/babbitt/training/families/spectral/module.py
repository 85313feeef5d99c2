"""The `spectral` module: two resolutions of log power and the shape of the amplitudes, then a perceptron."""

import torch
from torch import Tensor, nn

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.families.severity import SeverityHead
from babbitt.training.families.spectral.config import SpectralConfig
from babbitt.training.families.spectral.front_end import SpectralFrontEnd

FARTHEST = 8.0
"""Standardised features are cut here: one strange number should not rule the answer."""


class SpectralClassifier(WaveformClassifier):
    """See the family's configuration. Buffers hold mean and spread of the training split's features."""

    def __init__(self, config: SpectralConfig, data: DataSpec, spec: ModelSpec) -> None:
        super().__init__()
        self.spectra = SpectralFrontEnd(config, data, spec.window_samples)
        features = self.spectra.features
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("spread", torch.ones(features))
        self.body = nn.Sequential(
            nn.Linear(features, config.hidden),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.hidden, config.embedding),
            nn.ReLU(),
        )
        self.dropout = nn.Dropout(config.dropout)
        self.classes = nn.Linear(config.embedding, len(spec.class_names))
        if data.targets.severity:
            self.severity = SeverityHead(config.embedding)

    mean: Tensor
    spread: Tensor

    def front_end(self, *inputs: Tensor) -> Tensor:
        """Waveform [batch, channel, sample] to [batch, feature]."""
        return self.spectra(*inputs)

    def standardise(self, features: Tensor) -> None:
        """Take mean and standard deviation [feature] of features [window, feature]."""
        self.mean.copy_(features.mean(dim=0))
        self.spread.copy_(features.std(dim=0).clamp_min(1e-3))

    def head(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [batch, class] and embedding [batch, e] of features [batch, feature]."""
        standard = ((features - self.mean) / self.spread).clamp(-FARTHEST, FARTHEST)
        embedding = self.body(standard)
        return self.classes(self.dropout(embedding)), embedding
