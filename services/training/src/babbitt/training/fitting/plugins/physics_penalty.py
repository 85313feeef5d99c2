"""A penalty on answers that physics has something against, where the family knows any."""

from typing import ClassVar

from torch import Tensor

from babbitt.training.fitting.examples import Batch
from babbitt.training.fitting.plugins.plugin import Plugin, Training


class PhysicsPenalty(Plugin):
    """Adds the family's penalty, weighted. Published as no gain; here to be measured, not assumed."""

    name: ClassVar[str] = "physics_penalty"

    def __init__(self, weight: float) -> None:
        self._weight = weight

    def loss(self, training: Training, loss: Tensor, batch: Batch, logits: Tensor) -> Tensor:
        return loss + self._weight * training.model.penalty(batch.read[0], logits)
