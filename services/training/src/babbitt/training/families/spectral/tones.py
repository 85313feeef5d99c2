"""The fine spectrum: power of the whole window below some 220 Hz, where a shaft's tones lie."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from babbitt.training.families.spectral.decimation import Decimation
from babbitt.training.families.spectral.fourier import FourStepPower, shape

LOWEST_TONE_HZ = 1.4
LINE_BINS = 5
"""A line under a Hann window is this wide: the strongest of so many bins is a peak."""
BACKGROUND_BINS = 25
PEAKS = 3


class Tones(nn.Module):
    """The lines of each of `bands` logarithmic bands, each of which overlaps half of the next.

    The window is decimated, weighted by a Hann window and transformed by `FourStepPower`. Features of each band, as
    natural logarithms: the largest power (of white noise of variance 1 a bin has 1), and how far the three highest
    peaks lie above the mean logarithm of the 25 bins around them: `4 * bands`. A line says the same wherever in a band
    it lies, so few examples suffice; what each hertz means would have to be learnt hertz by hertz (measured on JBFD-11:
    25 of 5,280 records wrong instead of none).
    """

    def __init__(self, window_samples: int, sampling_rate_hz: float, limit_hz: float, bands: int, floor: float) -> None:
        super().__init__()
        self.floor = floor
        limit_hz = min(limit_hz, 0.4 * sampling_rate_hz)
        self.decimation = Decimation(window_samples, max(1, int(0.35 * sampling_rate_hz / limit_hz)))
        samples, rate_hz = self.decimation.samples, sampling_rate_hz / self.decimation.factor
        hann = np.hanning(samples + 1)[:samples]
        # the filter leaves white noise a variance of sum(kernel^2), yet flat up to its corner: per bin nothing changes
        scale = 1.0 / math.sqrt(float(np.sum(hann**2)) / self.decimation.factor)
        self.bin_hz = rate_hz / math.prod(shape(samples))
        self.bins = math.ceil(limit_hz / self.bin_hz)
        self.power = FourStepPower(samples, self.bins)
        self.register_buffer("weights", torch.from_numpy((hann * scale).astype(np.float32)), persistent=False)
        members = self._band_members(bands, limit_hz)
        self.bands, self.widest = members.shape
        self.register_buffer("members", torch.from_numpy(members.ravel()), persistent=False)
        self.features = (1 + PEAKS) * self.bands

    weights: Tensor
    members: Tensor

    def _band_members(self, bands: int, limit_hz: float) -> NDArray[np.int64]:
        """Bins of each band [band, widest]; where a band has fewer, one bin more than there are."""
        edges_hz = np.geomspace(LOWEST_TONE_HZ, limit_hz, bands + 2)
        first = np.floor(edges_hz[:-2] / self.bin_hz).astype(np.int64).clip(1, self.bins - 1)
        last = np.ceil(edges_hz[2:] / self.bin_hz).astype(np.int64).clip(first + 1, self.bins)
        spans = np.unique(np.stack([first, last], axis=1), axis=0)
        widest = max(PEAKS, int((spans[:, 1] - spans[:, 0]).max()))
        members = spans[:, :1] + np.arange(widest)
        return np.where(members < spans[:, 1:], members, self.bins)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, channel, sample] to [batch, channel, feature]."""
        level = torch.log(self.power(self.decimation(x) * self.weights) + self.floor)
        background = nn.functional.avg_pool1d(
            level, BACKGROUND_BINS, stride=1, padding=BACKGROUND_BINS // 2, count_include_pad=False
        )
        highest = nn.functional.max_pool1d(level, LINE_BINS, stride=1, padding=LINE_BINS // 2)
        above = torch.where(level >= highest, level - background, 0.0)
        strongest = self._by_band(level, math.log(self.floor)).amax(dim=-1)
        peaks = torch.topk(self._by_band(above, 0.0), PEAKS, dim=-1).values
        return torch.cat([strongest, peaks.flatten(start_dim=2)], dim=-1)

    def _by_band(self, spectrum: Tensor, missing: float) -> Tensor:
        """[batch, channel, bin] to [batch, channel, band, widest]."""
        bins = nn.functional.pad(spectrum, (0, 1), value=missing).index_select(-1, self.members)
        return bins.reshape(spectrum.shape[0], spectrum.shape[1], self.bands, self.widest)
