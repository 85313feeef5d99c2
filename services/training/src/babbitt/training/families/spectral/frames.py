"""The coarse spectrum: short frames over the whole band, what is steady in them and what comes in bursts."""

import math

import numpy as np
import torch
from torch import Tensor, nn

from babbitt.training.families.spectral.fourier import cosines_and_sines

STRETCHES = 100
"""So many stretches of time, or a few more, are looked at for bursts."""
GROUP_BANDS = 4
RANKS = (0, 1, 2, 3, 4, 6, 8, 12)
"""Which of a group's bursts are told, the strongest first: how many there are shows in where they end."""


class Frames(nn.Module):
    """Band levels of half-overlapping Hann frames, as natural logarithms; white noise of variance 1 has level 0.

    A stretch of time is known by its strongest frame. Features: of each band the logarithm of its mean power, and how
    far the mean logarithm of its stretches lies above that; of each group of neighbouring bands how far the strongest
    stretches lie above that mean of their band: `2 * bands + 8 * groups`. So a burst says the same in whichever band
    of its group it is.
    """

    def __init__(self, window_samples: int, frame_samples: int, bands: int, floor: float) -> None:
        super().__init__()
        self.floor = floor
        self.hop = frame_samples // 2
        self.frames = (window_samples - frame_samples) // self.hop + 1
        self.bins = frame_samples // 2
        hann = np.hanning(frame_samples + 1)[:frame_samples]
        hann /= math.sqrt(float(np.sum(hann**2)))
        samples, wanted = np.arange(frame_samples), np.arange(1, self.bins + 1)
        cosine, minus_sine = cosines_and_sines(np.outer(wanted, samples), frame_samples)
        basis = torch.cat([cosine, minus_sine]) * torch.from_numpy(hann.astype(np.float32))
        self.register_buffer("basis", basis[:, None], persistent=False)
        self.bands = math.gcd(self.bins, bands)
        self.stretch = max(1, self.frames // STRETCHES)
        self.groups = self.bands // math.gcd(self.bands, GROUP_BANDS)
        self.cells = self.bands // self.groups * math.ceil(self.frames / self.stretch)
        ranks = [rank for rank in RANKS if rank < self.cells]
        self.register_buffer("ranks", torch.tensor(ranks), persistent=False)
        self.deepest = ranks[-1] + 1
        self.features = 2 * self.bands + len(ranks) * self.groups

    basis: Tensor
    ranks: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """[batch, channel, sample] to [batch, channel, feature]."""
        batch, channels = x.shape[0], x.shape[1]
        power = self._power(x.reshape(batch * channels, 1, x.shape[2]))
        mean = torch.log(power.mean(dim=-1) + self.floor)
        strongest = nn.functional.max_pool1d(power, self.stretch, ceil_mode=True)
        level = torch.log(strongest + self.floor)
        usual = level.mean(dim=-1)
        above = (level - usual[..., None]).reshape(batch * channels, self.groups, self.cells)
        bursts = torch.topk(above, self.deepest, dim=-1).values.index_select(-1, self.ranks)
        features = torch.cat([mean, usual - mean, bursts.flatten(start_dim=1)], dim=-1)
        return features.reshape(batch, channels, self.features)

    def _power(self, x: Tensor) -> Tensor:
        """[sequence, 1, sample] to [sequence, band, frame]."""
        spectrum = nn.functional.conv1d(x, self.basis, stride=self.hop)
        squared = spectrum * spectrum
        power = squared[:, : self.bins] + squared[:, self.bins :]
        return power.reshape(-1, self.bands, self.bins // self.bands, self.frames).mean(dim=2)
