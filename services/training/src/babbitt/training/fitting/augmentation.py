"""What training windows go through before a module reads them: white noise over a range of levels, shifts, gains."""

from collections.abc import Sequence

import torch
from torch import Tensor

from babbitt.contracts.recipes import Augmentation, GainAugmentation, NoiseAugmentation, ShiftAugmentation


def augmented(waveforms: Tensor, augmentations: Sequence[Augmentation], draw: torch.Generator) -> Tensor:
    """Windows [window, channel, sample] after all that changes waveforms, in this order, drawn from `draw`."""
    for one in augmentations:
        match one:
            case NoiseAugmentation():
                waveforms = _in_noise(waveforms, one, draw)
            case ShiftAugmentation():
                waveforms = _shifted(waveforms, one.max_share, draw)
            case GainAugmentation():
                waveforms = _louder(waveforms, one.max_db, draw)
            case _:
                continue  # mixup mixes examples: a plug-in's work
    return waveforms


def _in_noise(waveforms: Tensor, noise: NoiseAugmentation, draw: torch.Generator) -> Tensor:
    """Noise is scaled to each channel's own RMS with its mean, as the benchmark's noisy copies are.

    sigma = rms * 10^(-SNR/20), with the SNR drawn uniformly a window.
    """
    windows, device = len(waveforms), waveforms.device
    low, high = noise.snr_db
    snr_db = low + (high - low) * torch.rand(windows, 1, 1, generator=draw, device=device)
    noisy = torch.rand(windows, 1, 1, generator=draw, device=device) < noise.share
    rms = waveforms.square().mean(dim=-1, keepdim=True).sqrt()
    sigma = torch.where(noisy, rms * 10.0 ** (-snr_db / 20.0), 0.0)
    return waveforms + sigma * torch.randn(waveforms.shape, generator=draw, device=device)


def _shifted(waveforms: Tensor, max_share: float, draw: torch.Generator) -> Tensor:
    windows, samples = len(waveforms), waveforms.shape[-1]
    shifts = (max_share * samples * torch.rand(windows, generator=draw, device=waveforms.device)).long()
    places = torch.arange(samples, device=waveforms.device)[None, :] - shifts[:, None]
    return waveforms.gather(-1, (places % samples)[:, None, :].expand_as(waveforms))


def _louder(waveforms: Tensor, max_db: float, draw: torch.Generator) -> Tensor:
    gain_db = max_db * (2.0 * torch.rand(len(waveforms), 1, 1, generator=draw, device=waveforms.device) - 1.0)
    return waveforms * 10.0 ** (gain_db / 20.0)
