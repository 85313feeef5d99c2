"""The spectrum over the angle of the shaft."""

import math

import numpy as np
import torch
from torch import Tensor, nn

from babbitt.training.families.spectral.fourier import cosines_and_sines

FINER = 2
"""Bins for each line that can be told apart."""
BLOCK_ORDERS = 2.0
"""The background is the median over stretches so wide."""
FLOOR = 1e-9


class OrderSpectrum(nn.Module):
    """How far signals stand above their background at each order of the shaft, in nats of power.

    A signal is resampled to `points` a revolution, linearly between its samples, weighted by a Hann window over as many
    `revolutions` as there are, and transformed; the background is the running median of the logarithm.
    """

    def __init__(self, rate_hz: float, revolutions: int, points: int, highest_order: float) -> None:
        super().__init__()
        self.rate_hz, self.revolutions, self.points = rate_hz, revolutions, points
        self.bins_an_order = FINER * revolutions
        in_block = round(BLOCK_ORDERS * self.bins_an_order)
        self.blocks = math.ceil(highest_order / BLOCK_ORDERS)
        self.bins = self.blocks * in_block
        turned = np.arange(revolutions * points)
        cosine, minus_sine = cosines_and_sines(np.outer(turned, np.arange(self.bins)), points * self.bins_an_order)
        place = np.clip((np.arange(self.bins) + 0.5) / in_block - 0.5, 0, self.blocks - 1)
        between = np.clip(1 - np.abs(place - np.arange(self.blocks)[:, None]), 0, None)
        for name, values in (
            ("cosine", cosine),
            ("minus_sine", minus_sine),
            ("turns", torch.from_numpy((turned / points).astype(np.float32))),
            ("between", torch.from_numpy(between.astype(np.float32))),
        ):
            self.register_buffer(name, values, persistent=False)

    cosine: Tensor
    minus_sine: Tensor
    turns: Tensor
    between: Tensor

    def forward(self, signals: Tensor, shaft_speed_hz: Tensor) -> Tensor:
        """[batch, signal, sample] and [batch] to [batch, signal, bin], `bins_an_order` a multiple of shaft speed."""
        over_angle = self._over_angle(signals, shaft_speed_hz)
        power = (over_angle @ self.cosine).square() + (over_angle @ self.minus_sine).square()
        level = torch.log(power + FLOOR)
        blocks = level.reshape(-1, level.shape[1], self.blocks, self.bins // self.blocks)
        middle = torch.topk(blocks, blocks.shape[-1] // 2 + 1, dim=-1).values[..., -1]
        return level - middle @ self.between

    def _over_angle(self, signals: Tensor, shaft_speed_hz: Tensor) -> Tensor:
        """[batch, signal, revolutions * points], weighted; 0 beyond the signal's end."""
        last = signals.shape[-1] - 1
        place = self.turns / shaft_speed_hz[:, None] * self.rate_hz
        before = place.floor().clamp(max=last - 1)
        share = (place - before).clamp(max=1.0)[:, None]
        index = before.long()[:, None].expand(-1, signals.shape[1], -1)
        left, right = torch.gather(signals, 2, index), torch.gather(signals, 2, index + 1)
        turned = (shaft_speed_hz * (last / self.rate_hz)).clamp(max=float(self.revolutions))[:, None]
        hann = 0.5 - 0.5 * torch.cos(2 * math.pi * self.turns / turned)
        hann = hann * (self.turns < turned).to(hann.dtype)
        return (left + (right - left) * share) * hann[:, None]
