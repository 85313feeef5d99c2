"""Squared envelopes of band-passes: what a bearing's blows do to each stretch of the structure's resonances."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

TAPS_A_WIDTH = 9.4
"""Taps of a filter, times its width over the sampling rate: the edges of a Hamming window's reach a third of it."""
BELOW_NYQUIST = 0.967


def complex_band_passes(
    bands: int, lowest_hz: float, highest_hz: float, sampling_rate_hz: float
) -> NDArray[np.complex128]:
    """Impulse responses [band, tap] of neighbours of equal width that pass positive frequencies alone, with gain 2.

    What they make of a real signal is its analytic signal in the band: the squared magnitude is the squared envelope.
    """
    width_hz = (highest_hz - lowest_hz) / bands
    half = math.ceil(TAPS_A_WIDTH * sampling_rate_hz / width_hz / 2)
    n = np.arange(-half, half + 1)
    low_pass = width_hz / sampling_rate_hz * np.sinc(width_hz / sampling_rate_hz * n) * np.hamming(n.size)
    centres_hz = lowest_hz + width_hz * (np.arange(bands) + 0.5)
    turning = np.exp(2j * np.pi * np.outer(centres_hz / sampling_rate_hz, n)).astype(np.complex128)
    return 2 * low_pass * turning


class BandEnvelopes(nn.Module):
    """[batch, channel, sample] to squared envelopes [batch, channel * band, sample / decimation], each less its mean.

    Args:
        bands: how many, from `lowest_hz` to `highest_hz`, or to where the sampling rate ends.
        sampling_rate_hz: of the waveform.
        wanted_rate_hz: of the envelopes: lower ones are not thinned out, higher ones are smoothed and thinned out.
    """

    def __init__(
        self, bands: int, lowest_hz: float, highest_hz: float, sampling_rate_hz: float, wanted_rate_hz: float
    ) -> None:
        super().__init__()
        highest_hz = min(highest_hz, BELOW_NYQUIST * sampling_rate_hz / 2)
        responses = complex_band_passes(bands, lowest_hz, highest_hz, sampling_rate_hz)
        # a squared envelope reaches as high as its band is wide
        self.decimation = max(1, int(sampling_rate_hz / (2 * (highest_hz - lowest_hz) / bands)))
        self.smoothing = max(1, int(sampling_rate_hz / self.decimation / wanted_rate_hz))
        self.bands = bands
        self.rate_hz = sampling_rate_hz / self.decimation / self.smoothing
        kernel = np.concatenate([responses.real, responses.imag])[:, None].astype(np.float32)
        self.register_buffer("kernel", torch.from_numpy(kernel), persistent=False)

    kernel: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """As the class says; the waveform's RMS is 1."""
        batch, channels = x.shape[0], x.shape[1]
        flat = x.reshape(batch * channels, 1, x.shape[2])
        pairs = nn.functional.conv1d(flat, self.kernel, stride=self.decimation, padding=self.kernel.shape[-1] // 2)
        squares = pairs.square()
        envelopes = squares[:, : self.bands] + squares[:, self.bands :]
        if self.smoothing > 1:
            envelopes = nn.functional.avg_pool1d(envelopes, self.smoothing)
        envelopes = envelopes - envelopes.mean(dim=-1, keepdim=True)
        return envelopes.reshape(batch, channels * self.bands, envelopes.shape[-1])
