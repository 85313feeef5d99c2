"""The `spectral` module: two resolutions of log power and the shape of the amplitudes, then a perceptron."""

import torch
from torch import Tensor, nn

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.families.spectral.config import SpectralConfig
from babbitt.training.families.spectral.frames import Frames
from babbitt.training.families.spectral.tones import Tones

FLOOR = 1e-7
"""What lifts every spectrum of a window of RMS 1: float32 resolves no less beside a strong tone."""
FARTHEST = 8.0
"""Standardised features are cut here: one strange number should not rule the answer."""
AMPLITUDE_FEATURES = 3


class SpectralClassifier(WaveformClassifier):
    """See the family's configuration. Buffers hold mean and spread of the training split's features."""

    def __init__(self, config: SpectralConfig, data: DataSpec, spec: ModelSpec) -> None:
        super().__init__()
        window, rate_hz = spec.window_samples, data.sampling_rate_hz
        self.tones = Tones(window, rate_hz, config.tone_limit_hz, config.tone_bands, FLOOR)
        self.frames = Frames(window, config.frame_samples, config.frame_bands, FLOOR)
        features = len(data.channels) * (self.tones.features + self.frames.features + AMPLITUDE_FEATURES)
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

    mean: Tensor
    spread: Tensor

    def front_end(self, waveform: Tensor) -> Tensor:
        """[batch, channel, sample] to [batch, feature].

        Spectra are taken of the window at RMS 1, which float32 resolves whatever the unit; its level is a feature of
        its own, so that the net's first layer can tell absolute levels too.
        """
        centred = waveform - waveform.mean(dim=-1, keepdim=True)
        rms = torch.sqrt(centred.square().mean(dim=-1, keepdim=True) + 1e-30)
        x = centred / rms
        level = torch.log(rms)
        squared = x.square()
        kurtosis = torch.log(squared.square().mean(dim=-1, keepdim=True))
        crest = torch.log(squared.amax(dim=-1, keepdim=True) + FLOOR)
        features = torch.cat([self.tones(x), self.frames(x), level, kurtosis, crest], dim=-1)
        return features.flatten(start_dim=1)

    def standardise(self, features: Tensor) -> None:
        """Take mean and standard deviation [feature] of features [window, feature]."""
        self.mean.copy_(features.mean(dim=0))
        self.spread.copy_(features.std(dim=0).clamp_min(1e-3))

    def head(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [batch, class] and embedding [batch, e] of features [batch, feature]."""
        standard = ((features - self.mean) / self.spread).clamp(-FARTHEST, FARTHEST)
        embedding = self.body(standard)
        return self.classes(self.dropout(embedding)), embedding
