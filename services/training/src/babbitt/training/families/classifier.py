"""What every family's module is: a fixed front end, then a net that learns."""

from abc import abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor, nn


class Answer(NamedTuple):
    """Outputs of a module and of its exported graph: logits and probabilities [batch, class], embedding [batch, e]."""

    logits: Tensor
    probabilities: Tensor
    embedding: Tensor


class WaveformClassifier(nn.Module):
    """Reads waveforms [batch, channel, sample], float32, in the units of the data; all preprocessing is inside.

    `front_end` turns waveforms into what the net learns from. Where nothing in it learns (`front_end_learns` is
    False), its outputs may be kept: the trainer then computes each view of a window once.
    """

    front_end_learns: bool = False

    @abstractmethod
    def front_end(self, waveform: Tensor) -> Tensor:
        """Features of waveforms [batch, channel, sample]."""

    @abstractmethod
    def standardise(self, features: Tensor) -> None:
        """Take mean and spread of the training split's features, so that the net reads standardised ones."""

    @abstractmethod
    def head(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [batch, class] and embedding [batch, e] of features."""

    def forward(self, waveform: Tensor) -> Answer:
        """Answer a batch of windows."""
        logits, embedding = self.head(self.front_end(waveform))
        return Answer(logits, torch.softmax(logits, dim=-1), embedding)
