"""The shaft's speed, found again in its own lines."""

import math

import numpy as np
import torch
from torch import Tensor, nn

HARMONICS = 5
STEPS_A_BIN = 2
DOUBT = 1.0
"""Nats, in the mean over the harmonics, that a speed at the tolerance's end has to stand above the nominal one, for a
fault's lines are harmonics of the shaft at some other speed; nearer by it is less, as the square of the distance."""


class SpeedRefinement(nn.Module):
    """By how much a nominal speed is wrong, by the sum over the shaft's harmonics.

    Args:
        bins_an_order: of the spectra.
        tolerance: how far the speed may be from the nominal one, as a share of it.
    """

    def __init__(self, bins_an_order: int, tolerance: float) -> None:
        super().__init__()
        steps = math.ceil(STEPS_A_BIN * HARMONICS * tolerance * bins_an_order)
        ratios = 1 + tolerance * np.arange(-steps, steps + 1) / max(1, steps)
        places = np.outer(ratios, np.arange(1, HARMONICS + 1)) * bins_an_order
        before = np.floor(places).astype(np.int64)
        for name, values in (
            ("ratios", ratios.astype(np.float32)),
            ("before", before),
            ("share", (places - before).astype(np.float32)),
            ("doubt", (DOUBT * ((ratios - 1) / max(tolerance, 1e-9)) ** 2).astype(np.float32)),
        ):
            self.register_buffer(name, torch.from_numpy(values), persistent=False)

    ratios: Tensor
    before: Tensor
    share: Tensor
    doubt: Tensor

    def forward(self, spectra: Tensor) -> Tensor:
        """[batch, signal, bin] over the background to [batch]: the speed over the nominal one."""
        strongest = spectra.amax(dim=1)
        lines = strongest[:, self.before] * (1 - self.share) + strongest[:, self.before + 1] * self.share
        return self.ratios[(lines.mean(dim=-1) - self.doubt).argmax(dim=-1)]
