"""Lines at multiples of the shaft's speed, looked for near where they should be."""

import math

import numpy as np
import torch
from torch import Tensor, nn

from babbitt.training.families.spectral.decimation import low_pass

ORDERS = (0.5, 1.0, 2.0, 3.0, 4.0, 5.0)
PLACES = 5
"""Speeds that are tried within the tolerance."""
RATE_HZ = 2048.0
"""What waveforms are decimated to at least: lines up to 0.35 of it are seen."""
PASSED = 0.35


class ShaftLines(nn.Module):
    """Log power of the strongest line near each of `ORDERS`; white noise of variance 1 has power 1.

    A line that lies above what the decimation passes has the floor's level.
    """

    def __init__(self, window_samples: int, sampling_rate_hz: float, tolerance: float, floor: float) -> None:
        super().__init__()
        self.floor = floor
        self.decimation = max(1, int(sampling_rate_hz / RATE_HZ))
        self.rate_hz = sampling_rate_hz / self.decimation
        kernel = low_pass(self.decimation) if self.decimation > 1 else np.ones(1)
        self.pad = len(kernel) // 2
        samples = (window_samples - 1) // self.decimation + 1
        hann = np.hanning(samples + 1)[:samples]
        scale = 1.0 / math.sqrt(float(np.sum(hann**2)) / self.decimation)
        orders = np.outer(ORDERS, np.linspace(1.0 - tolerance, 1.0 + tolerance, PLACES)).ravel()
        for name, values in (
            ("kernel", kernel[None, None]),
            ("weights", hann * scale),
            ("time_s", np.arange(samples) / self.rate_hz),
            ("orders", orders),
        ):
            self.register_buffer(name, torch.from_numpy(values.astype(np.float32)), persistent=False)
        self.features = len(ORDERS)

    kernel: Tensor
    weights: Tensor
    time_s: Tensor
    orders: Tensor

    def forward(self, x: Tensor, shaft_speed_hz: Tensor) -> Tensor:
        """[batch, channel, sample] and [batch] to [batch, channel, order]."""
        batch, channels = x.shape[0], x.shape[1]
        flat = x.reshape(batch * channels, 1, x.shape[2])
        slow = nn.functional.conv1d(flat, self.kernel, stride=self.decimation, padding=self.pad)
        slow = slow.reshape(batch, channels, len(self.time_s)) * self.weights
        line_hz = shaft_speed_hz[:, None] * self.orders
        turns = line_hz[:, :, None] * self.time_s
        angle = 2.0 * math.pi * (turns - torch.floor(turns))
        power = (slow @ torch.cos(angle).mT).square() + (slow @ torch.sin(angle).mT).square()
        passed = (line_hz < PASSED * self.rate_hz).to(power.dtype)[:, None]
        return torch.log((power * passed).reshape(batch, channels, len(ORDERS), PLACES).amax(dim=-1) + self.floor)
