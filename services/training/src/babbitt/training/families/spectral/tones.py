"""The fine spectrum: power of the whole window below some 220 Hz, where a shaft's tones lie."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from babbitt.training.families.spectral.fourier import FourStepPower, shape

FILTER_ZERO_CROSSINGS = 6
LOWEST_TONE_HZ = 1.0


def low_pass(decimation: int) -> NDArray[np.float64]:
    """Hamming-windowed sinc for a decimation: passes up to 0.35 of the new rate, sums to 1."""
    half = FILTER_ZERO_CROSSINGS * decimation
    n = np.arange(-half, half + 1)
    kernel = np.sinc(n / decimation) * np.hamming(2 * half + 1)
    return kernel / kernel.sum()


class Tones(nn.Module):
    """Largest power in every hertz (or bin, where bins are wider) and in logarithmic bands, as natural logarithms.

    The window is decimated by a strided convolution, weighted by a Hann window and transformed by `FourStepPower`.
    White noise of variance 1 gives power 1. Features: level of each hertz, the same over the median hertz, and the
    logarithmic bands: `2 * hertz + bands`.
    """

    def __init__(self, window_samples: int, sampling_rate_hz: float, limit_hz: float, bands: int, floor: float) -> None:
        super().__init__()
        self.floor = floor
        limit_hz = min(limit_hz, 0.4 * sampling_rate_hz)
        self.decimation = max(1, int(0.35 * sampling_rate_hz / limit_hz))
        kernel = low_pass(self.decimation) if self.decimation > 1 else np.ones(1)
        self.pad = len(kernel) // 2
        rate_hz = sampling_rate_hz / self.decimation
        samples = (window_samples - 1) // self.decimation + 1
        hann = np.hanning(samples + 1)[:samples]
        # the filter leaves white noise a variance of sum(kernel^2), yet flat up to its corner: per bin nothing changes
        scale = 1.0 / math.sqrt(float(np.sum(hann**2)) / self.decimation)
        bin_hz = rate_hz / math.prod(shape(samples))
        self.bins_per_hertz = max(1, round(1.0 / bin_hz))
        self.hertz = math.ceil(limit_hz / bin_hz / self.bins_per_hertz)
        self.power = FourStepPower(samples, self.hertz * self.bins_per_hertz)
        self.register_buffer("kernel", torch.from_numpy(kernel.astype(np.float32))[None, None], persistent=False)
        self.register_buffer("weights", torch.from_numpy((hann * scale).astype(np.float32)), persistent=False)
        members = self._band_members(bands, bin_hz * self.bins_per_hertz, limit_hz)
        self.register_buffer("members", torch.from_numpy(members), persistent=False)
        self.features = 2 * self.hertz + len(members)

    kernel: Tensor
    weights: Tensor
    members: Tensor

    def _band_members(self, bands: int, hertz: float, limit_hz: float) -> NDArray[np.int64]:
        """Pooled bins of each logarithmic band [band, widest], the last repeated; bands without one are left out."""
        edges = np.geomspace(LOWEST_TONE_HZ, limit_hz, bands + 1) / hertz
        starts = np.unique(np.floor(edges).astype(np.int64).clip(0, self.hertz - 1))
        ends = np.append(starts[1:], self.hertz)
        widest = int((ends - starts).max())
        return np.minimum(starts[:, None] + np.arange(widest), ends[:, None] - 1)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, channel, sample] to [batch, channel, feature]."""
        batch, channels = x.shape[0], x.shape[1]
        flat = x.reshape(batch * channels, 1, x.shape[2])
        slow = nn.functional.conv1d(flat, self.kernel, stride=self.decimation, padding=self.pad)
        power = self.power(slow.reshape(batch, channels, self.power.samples) * self.weights)
        pooled = power.reshape(batch, channels, self.hertz, self.bins_per_hertz).amax(dim=-1)
        level = torch.log(pooled + self.floor)
        middle = torch.topk(level, self.hertz // 2 + 1, dim=-1).values[..., -1:]
        return torch.cat([level, level - middle, level[..., self.members].amax(dim=-1)], dim=-1)
