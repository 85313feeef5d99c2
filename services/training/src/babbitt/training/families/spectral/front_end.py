"""What `spectral` reads of a waveform, and other families beside it: nothing here learns."""

import torch
from torch import Tensor, nn

from babbitt.contracts.dataspec import DataSpec
from babbitt.training.families.spectral.config import SpectralConfig
from babbitt.training.families.spectral.frames import Frames
from babbitt.training.families.spectral.tones import Tones

FLOOR = 1e-7
"""What lifts every spectrum of a window of RMS 1: float32 resolves no less beside a strong tone."""
AMPLITUDE_FEATURES = 3


class SpectralFrontEnd(nn.Module):
    """Two resolutions of log power, and level, kurtosis and crest, of each channel: `features` numbers a window.

    Spectra are taken of the window at RMS 1, which float32 resolves whatever the unit; its level is a feature of its
    own, so that what reads them can tell absolute levels too.
    """

    def __init__(self, config: SpectralConfig, data: DataSpec, window_samples: int) -> None:
        super().__init__()
        self.tones = Tones(window_samples, data.sampling_rate_hz, config.tone_limit_hz, config.tone_bands, FLOOR)
        self.frames = Frames(window_samples, config.frame_samples, config.frame_bands, FLOOR)
        self.features = len(data.channels) * (self.tones.features + self.frames.features + AMPLITUDE_FEATURES)

    def forward(self, waveform: Tensor) -> Tensor:
        """[batch, channel, sample] to [batch, feature]."""
        centred = waveform - waveform.mean(dim=-1, keepdim=True)
        power = (centred * centred).mean(dim=-1, keepdim=True) + 1e-30
        x = centred * torch.rsqrt(power)
        squared = x * x
        level = 0.5 * torch.log(power)
        kurtosis = torch.log((squared * squared).mean(dim=-1, keepdim=True) + FLOOR)
        crest = torch.log(squared.amax(dim=-1, keepdim=True) + FLOOR)
        features = torch.cat([self.tones(x), self.frames(x), level, kurtosis, crest], dim=-1)
        return features.flatten(start_dim=1)
