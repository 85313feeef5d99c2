"""The coarse spectrum: short frames over the whole band, what is steady in them and what comes in bursts."""

import math

import numpy as np
import torch
from torch import Tensor, nn

from babbitt.training.families.spectral.fourier import cosines_and_sines


class Frames(nn.Module):
    """Band levels of half-overlapping Hann frames, as natural logarithms; white noise of variance 1 has level 0.

    Features of each band: logarithm of its mean power over time, how far the mean logarithm lies below that (0 for
    a steady line, 0.58 for noise in a single bin, more where power comes in bursts), and how far the strongest frame
    lies above it: `3 * bands`.
    """

    def __init__(self, window_samples: int, frame_samples: int, bands: int, floor: float) -> None:
        super().__init__()
        self.floor = floor
        self.hop = frame_samples // 2
        self.halves = window_samples // self.hop
        bins = frame_samples // 2
        hann = np.hanning(frame_samples + 1)[:frame_samples]
        hann /= math.sqrt(float(np.sum(hann**2)))
        samples, wanted = np.arange(frame_samples), np.arange(1, bins + 1)
        cosine, minus_sine = cosines_and_sines(np.outer(samples, wanted), frame_samples)
        weights = torch.from_numpy(hann.astype(np.float32))[:, None]
        self.register_buffer("basis", torch.cat([cosine * weights, minus_sine * weights], dim=1), persistent=False)
        self.bands = math.gcd(bins, bands)
        self.bins = bins
        self.features = 3 * self.bands

    basis: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """[batch, channel, sample] to [batch, channel, feature]."""
        batch, channels = x.shape[0], x.shape[1]
        halves = x[..., : self.halves * self.hop].reshape(batch, channels, self.halves, self.hop)
        frames = torch.cat([halves[..., :-1, :], halves[..., 1:, :]], dim=-1)
        spectrum = frames @ self.basis
        power = spectrum[..., : self.bins].square() + spectrum[..., self.bins :].square()
        power = power.reshape(batch, channels, self.halves - 1, self.bands, self.bins // self.bands).mean(dim=-1)
        mean = torch.log(power.mean(dim=-2) + self.floor)
        burstiness = mean - torch.log(power + self.floor).mean(dim=-2)
        strongest = torch.log(power.amax(dim=-2) + self.floor) - mean
        return torch.cat([mean, burstiness, strongest], dim=-1)
