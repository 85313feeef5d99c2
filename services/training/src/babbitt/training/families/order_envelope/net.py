"""`order_envelope` with a perceptron that learns by gradients, to which physics can object."""

import torch
from torch import Tensor, nn

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.training.families.linear_head import FARTHEST
from babbitt.training.families.order_envelope.config import OrderEnvelopeConfig
from babbitt.training.families.order_envelope.front_end import ReadsFaultLines
from babbitt.training.families.order_envelope.physics import MissingLines


class OrderEnvelopeNet(ReadsFaultLines):
    """See the family's configuration. Buffers hold mean and spread of the training split's features."""

    def __init__(self, config: OrderEnvelopeConfig, data: DataSpec, spec: ModelSpec) -> None:
        super().__init__(config, data, spec)
        self.register_buffer("mean", torch.zeros(self.features))
        self.register_buffer("spread", torch.ones(self.features))
        self.body = nn.Sequential(nn.Linear(self.features, config.hidden), nn.ReLU())
        self.dropout = nn.Dropout(config.dropout)
        self.classes = nn.Linear(config.hidden, len(spec.class_names))
        self.missing = MissingLines(self.lines, self.signals, spec.class_names)
        self.has_penalty = self.missing.knows_any

    mean: Tensor
    spread: Tensor

    def standardise(self, features: Tensor) -> None:
        """Take mean and standard deviation [feature] of features [window, feature]."""
        self.mean.copy_(features.mean(dim=0))
        self.spread.copy_(features.std(dim=0, unbiased=False).clamp_min(1e-3))

    def head(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [batch, class] and embedding [batch, hidden] of features [batch, feature]."""
        embedding = self.body(((features - self.mean) / self.spread).clamp(-FARTHEST, FARTHEST))
        return self.classes(self.dropout(embedding)), embedding

    def penalty(self, features: Tensor, logits: Tensor) -> Tensor:
        """The mean over the batch of what `MissingLines` says."""
        return self.missing(features, self.probabilities(logits)).mean()
