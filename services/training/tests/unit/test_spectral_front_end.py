import math

import numpy as np
import pytest
import torch

from babbitt.training.families.registry import load_presets
from babbitt.training.families.spectral.decimation import Decimation, low_pass
from babbitt.training.families.spectral.fourier import FourStepPower
from babbitt.training.families.spectral.frames import Frames
from babbitt.training.families.spectral.tones import Tones

SHAPES = [
    (102_400, 20_480.0, 1),
    (20_480, 20_480.0, 1),
    (6_000, 12_000.0, 1),
    (2_048, 4_096.0, 2),
    (12_345, 9_999.0, 1),
]


@pytest.mark.parametrize("samples", [320 * 320, 3_200, 2_999, 512, 7])
def test_four_steps_give_the_power_of_the_discrete_fourier_transform(samples):
    x = np.random.default_rng(0).standard_normal(samples)
    bins = max(1, samples // 3)
    transform = FourStepPower(samples, bins)
    power = transform(torch.from_numpy(x.astype(np.float32))[None, None])[0, 0].numpy()
    truth = np.abs(np.fft.rfft(x, transform.length)[:bins]) ** 2
    assert np.abs(np.log(power + 1e-3) - np.log(truth + 1e-3)).max() < 1e-2
    assert np.abs(power - truth).max() < 1e-4 * truth.max()


def sine(samples, rate_hz, line_hz, amplitude=1.0):
    time_s = torch.arange(samples, dtype=torch.float64) / rate_hz
    return amplitude * torch.sin(2 * math.pi * line_hz * time_s).float()[None, None]


def noise(samples, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((1, 1, samples)).astype(np.float32))


def peaks(tones, x):
    """How far the three highest peaks of each band stand out [band, 3], and which bands hold a frequency."""
    return tones(x)[0, 0, tones.bands :].reshape(tones.bands, 3)


def bands_of(tones, line_hz):
    """The bands that have a frequency well inside."""
    bins = tones.members.reshape(tones.bands, tones.widest)
    line = line_hz / tones.bin_hz
    return ((bins - line).abs() <= 1).any(dim=1) & ((bins + 2 - line).abs() <= 1).any(dim=1)


@pytest.mark.parametrize(("samples", "rate_hz", "_channels"), SHAPES)
def test_a_tone_stands_out_in_the_bands_that_hold_it_and_in_no_other(samples, rate_hz, _channels):
    tones = Tones(samples, rate_hz, limit_hz=220.0, bands=32, floor=1e-7)
    found = peaks(tones, sine(samples, rate_hz, 60.3) + 0.01 * noise(samples))[:, 0]
    inside = bands_of(tones, 60.3)
    assert inside.any()
    assert found[inside].min() > found[~inside].max() or found[inside].min() > math.log(10.0)


def test_a_line_says_the_same_wherever_in_its_band_it_lies():
    tones = Tones(102_400, 20_480.0, limit_hz=220.0, bands=32, floor=1e-7)
    first, other = (sine(102_400, 20_480.0, line_hz, 0.3) + noise(102_400, seed=3) for line_hz in (60.0, 64.0))
    both = bands_of(tones, 60.0) & bands_of(tones, 64.0)
    assert both.any()
    assert (peaks(tones, first)[both, 0] - peaks(tones, other)[both, 0]).abs().max() < 1.0


def test_two_lines_of_one_band_are_two_peaks():
    tones = Tones(102_400, 20_480.0, limit_hz=220.0, bands=32, floor=1e-7)
    one = sine(102_400, 20_480.0, 60.0, 0.3) + noise(102_400, seed=4)
    two = one + sine(102_400, 20_480.0, 64.0, 0.3)
    both = bands_of(tones, 60.0) & bands_of(tones, 64.0)
    assert (peaks(tones, two)[both, 1] > peaks(tones, one)[both, 1] + 2.0).all()


@pytest.mark.parametrize(("samples", "factor"), [(20_480, 32), (12_345, 15), (2_048, 6), (100, 1)])
def test_decimation_is_the_low_pass_and_every_so_many_samples(samples, factor):
    x = noise(samples)
    decimation = Decimation(samples, factor)
    kernel = low_pass(factor) if factor > 1 else np.ones(1)
    truth = np.convolve(x[0, 0].double().numpy(), kernel)[len(kernel) // 2 :][:samples:factor]
    assert decimation(x).shape[-1] == len(truth)
    assert np.abs(decimation(x)[0, 0].numpy() - truth).max() < 1e-5


def test_decimation_keeps_out_what_lies_above_the_fine_spectrum():
    decimation = Decimation(20_480, 32)
    alias, line = (decimation(sine(20_480, 20_480.0, line_hz))[..., 20:-20] for line_hz in (700.0, 60.0))
    assert alias.square().mean() < 1e-5 * line.square().mean()


def test_white_noise_of_variance_one_has_level_zero_in_both_spectra():
    tones, frames = Tones(102_400, 20_480.0, 220.0, 32, 1e-7), Frames(102_400, 128, 32, 1e-7)
    x = noise(102_400, seed=1)
    assert abs(float(frames(x)[0, 0, : frames.bands].mean())) < 0.05
    assert abs(float(tones.power(tones.decimation(x) * tones.weights)[..., 10:].mean()) - 1.0) < 0.1


def ranked(bursts, burst_hz=2_000.0):
    """How far the strongest stretches of the bursts' group of bands stand out."""
    frames = Frames(20_480, 128, 32, 1e-7)
    x = 0.01 * noise(20_480, seed=2)
    for start in range(1_000, 1_000 + 4_000 * bursts, 4_000):
        x[..., start : start + 160] += sine(160, 20_480.0, burst_hz)
    group = int(burst_hz / (20_480.0 / 2) * frames.groups)
    return frames(x)[0, 0, 2 * frames.bands :].reshape(frames.groups, -1)[group]


def test_a_burst_stands_out_and_more_of_them_stand_out_in_more_places():
    nothing, one, three = (ranked(bursts) for bursts in (0, 1, 3))
    assert one[0] > nothing[0] + 3.0
    assert (three > nothing + 3.0).sum() > (one > nothing + 3.0).sum() > 0


def test_a_burst_says_the_same_in_whichever_band_of_its_group_it_is():
    assert abs(ranked(1, 1_600.0)[0] - ranked(1, 2_240.0)[0]) < 0.5


@pytest.mark.parametrize(("samples", "rate_hz", "channels"), SHAPES)
def test_any_length_rate_and_number_of_channels_is_answered(data_spec, samples, rate_hz, channels):
    preset = load_presets().named("spectral_base")
    data = data_spec(samples, rate_hz, channels)
    model = preset.config.build(data, preset.config.model_spec(preset.name, data)).eval()
    answer = model(torch.randn(3, channels, samples))
    assert answer.logits.shape == answer.probabilities.shape == (3, 3)
    assert answer.embedding.shape == (3, 128)
    assert torch.allclose(answer.probabilities.sum(dim=-1), torch.ones(3))


def test_another_unit_changes_the_level_and_nothing_else(data_spec):
    preset = load_presets().named("spectral_small")
    model = preset.config.build(data_spec(), preset.config.model_spec(preset.name, data_spec()))
    x = torch.randn(2, 1, 2048)
    changed = (model.front_end(1000.0 * x + 5.0) - model.front_end(x)).abs() > 1e-2
    assert changed.any(dim=0).sum() == 1


def test_a_flat_line_is_answered_with_numbers(data_spec):
    preset = load_presets().named("spectral_small")
    model = preset.config.build(data_spec(), preset.config.model_spec(preset.name, data_spec())).eval()
    assert torch.isfinite(model(torch.full((1, 1, 2048), 3.0)).probabilities).all()
