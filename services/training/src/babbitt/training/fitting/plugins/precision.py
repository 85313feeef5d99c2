"""Mixed precision: matrix products in bfloat16 where the device computes them faster; weights stay in float32."""

from contextlib import AbstractContextManager
from typing import ClassVar

import torch

from babbitt.training.fitting.plugins.plugin import Plugin, Training


class MixedPrecision(Plugin):
    """Computes the loss under autocast to bfloat16, whose range needs no scaling of gradients."""

    name: ClassVar[str] = "precision"

    def forward(self, training: Training) -> AbstractContextManager[object]:
        return torch.autocast(training.device.type, dtype=torch.bfloat16)
