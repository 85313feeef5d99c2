"""Mixup: a step learns from convex combinations of examples and of their targets."""

from dataclasses import replace
from typing import ClassVar

import numpy as np
import torch

from babbitt.training.fitting.examples import Batch
from babbitt.training.fitting.plugins.plugin import Plugin, Training
from babbitt.training.fitting.seeding import derived_seed


class Mixup(Plugin):
    """Mixes each example with another one of its batch (Zhang et al., "Beyond empirical risk minimization", 2018).

    Waveforms and features are mixed; a shaft speed or an order is the first example's, whose share is the larger.

    Args:
        alpha: of the Beta distribution that shares are drawn from.
    """

    name: ClassVar[str] = "mixup"

    def __init__(self, alpha: float) -> None:
        self._alpha = alpha

    def batch(self, training: Training, batch: Batch) -> Batch:
        draw = np.random.default_rng(derived_seed(training.seed, "mixup", training.epoch, training.step))
        drawn = draw.beta(self._alpha, self._alpha, size=len(batch)).astype(np.float32)
        share = torch.from_numpy(np.maximum(drawn, 1.0 - drawn)).to(batch.targets.device)
        other = torch.from_numpy(draw.permutation(len(batch))).to(batch.targets.device)
        mixed = batch.read[0]
        of_read = share.reshape(-1, *[1] * (mixed.ndim - 1))
        mixed = of_read * mixed + (1.0 - of_read) * mixed[other]
        targets = share[:, None] * batch.targets + (1.0 - share[:, None]) * batch.targets[other]
        return replace(batch, read=(mixed, *batch.read[1:]), targets=targets)
