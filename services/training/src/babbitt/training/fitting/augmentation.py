"""What training windows go through: white noise over a range of levels, and shifts."""

import torch
from torch import Tensor

from babbitt.training.families.preset import Augmentation


def augmented(waveforms: Tensor, how: Augmentation, generator: torch.Generator) -> Tensor:
    """Windows [window, channel, sample], shifted and with noise as `how` says, drawn from `generator`.

    Noise is scaled to each channel's own RMS with its mean (as the benchmark's noisy copies are), sigma =
    rms * 10^(-SNR/20), with the SNR drawn uniformly a window.
    """
    windows, _, samples = waveforms.shape
    device = waveforms.device
    low, high = how.snr_db
    snr_db = low + (high - low) * torch.rand(windows, 1, 1, generator=generator, device=device)
    noisy = torch.rand(windows, 1, 1, generator=generator, device=device) < how.noisy_share
    rms = waveforms.square().mean(dim=-1, keepdim=True).sqrt()
    sigma = torch.where(noisy, rms * 10.0 ** (-snr_db / 20.0), 0.0)
    shifts = (how.max_shift * samples * torch.rand(windows, generator=generator, device=device)).long().tolist()
    shifted = torch.stack([window.roll(shift, dims=-1) for window, shift in zip(waveforms, shifts, strict=True)])
    return shifted + sigma * torch.randn(waveforms.shape, generator=generator, device=device)
