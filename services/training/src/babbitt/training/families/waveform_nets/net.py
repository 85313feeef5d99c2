"""What the waveform nets share: the window at RMS 1 goes through a body, its level goes by."""

import torch
from torch import Tensor, nn

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.families.severity import SeverityHead


class WaveformNet(WaveformClassifier):
    """A body from waveforms [batch, channel, sample] to [batch, width], and a linear layer that also reads the level.

    The body sees every window at RMS 1, so that no unit is too large for it; the logarithm of each channel's RMS,
    standardised by the training split's, joins its outputs before the last layer.
    """

    front_end_learns = True

    def __init__(self, body: nn.Module, width: int, data: DataSpec, spec: ModelSpec, dropout: float) -> None:
        super().__init__()
        self.task = spec.task
        self.channels = len(data.channels)
        self.register_buffer("level_mean", torch.zeros(self.channels))
        self.register_buffer("level_spread", torch.ones(self.channels))
        self.body = body
        self.dropout = nn.Dropout(dropout)
        self.classes = nn.Linear(width + self.channels, len(spec.class_names))
        if data.targets.severity:
            self.severity = SeverityHead(width)

    level_mean: Tensor
    level_spread: Tensor

    def front_end(self, *inputs: Tensor) -> Tensor:
        """Waveform [batch, channel, sample] to [batch, width + channel]: the body's outputs, then the levels."""
        (waveform,) = inputs
        centred = waveform - waveform.mean(dim=-1, keepdim=True)
        rms = torch.sqrt(centred.square().mean(dim=-1, keepdim=True) + 1e-30)
        return torch.cat([self.body(centred / rms), torch.log(rms).squeeze(-1)], dim=-1)

    def standardise(self, features: Tensor) -> None:
        """Take mean and spread of the levels, the last columns of features [window, width + channel]."""
        levels = features[:, -self.channels :]
        self.level_mean.copy_(levels.mean(dim=0))
        self.level_spread.copy_(levels.std(dim=0, unbiased=False).clamp_min(1e-3))

    def head(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [batch, class] and embedding [batch, width] of features [batch, width + channel]."""
        embedding = features[:, : -self.channels]
        levels = (features[:, -self.channels :] - self.level_mean) / self.level_spread
        return self.classes(torch.cat([self.dropout(embedding), levels.clamp(-8.0, 8.0)], dim=-1)), embedding
