"""An ordinal head: how far a fault has gone, beside which one it is."""

import torch
from torch import Tensor, nn

from babbitt.contracts.simulations import SEVERITIES


class SeverityHead(nn.Module):
    """Cumulative logits with one direction for all levels, and a threshold between each two of them.

    Logit k is that of "further than level k". One direction, so that where the loss is least the thresholds descend and
    these do not contradict each other (Cao, Mirjalili and Raschka, "Rank consistent ordinal regression for neural
    networks", 2020); nothing else holds them in order.

    Args:
        width: of the embedding that it reads.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        steps = len(SEVERITIES) - 1
        self.direction = nn.Linear(width, 1, bias=False)
        self.thresholds = nn.Parameter(torch.linspace(1.0, -1.0, steps))

    def forward(self, embedding: Tensor) -> Tensor:
        """[batch, width] to logits [batch, level - 1]."""
        return self.direction(embedding) + self.thresholds

    def share(self, embedding: Tensor) -> Tensor:
        """[batch, width] to the expected level [batch] as a share of the way: 0 is `incipient`, 1 `severe`."""
        return torch.sigmoid(self(embedding)).mean(dim=-1)
