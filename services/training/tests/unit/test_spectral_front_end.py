import math

import numpy as np
import pytest
import torch

from babbitt.training.families.registry import load_presets
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


@pytest.mark.parametrize(("samples", "rate_hz", "_channels"), SHAPES)
def test_a_tone_is_the_strongest_in_its_own_hertz(samples, rate_hz, _channels):
    tones = Tones(samples, rate_hz, limit_hz=220.0, bands=32, floor=1e-7)
    time_s = torch.arange(samples, dtype=torch.float64) / rate_hz
    levels = tones(torch.sin(2 * math.pi * 60.3 * time_s).float()[None, None])[0, 0, : tones.hertz]
    hertz = rate_hz / tones.decimation / tones.power.length * tones.bins_per_hertz
    assert abs(int(levels.argmax()) * hertz - 60.3) <= 2 * max(hertz, rate_hz / samples)


def test_decimation_keeps_out_what_lies_above_the_fine_spectrum():
    tones = Tones(20_480, 20_480.0, limit_hz=220.0, bands=32, floor=1e-7)
    time_s = torch.arange(20_480, dtype=torch.float64) / 20_480.0
    alias = torch.sin(2 * math.pi * (20_480.0 / tones.decimation + 60.0) * time_s).float()[None, None]
    line = torch.sin(2 * math.pi * 60.0 * time_s).float()[None, None]
    assert tones(alias)[0, 0, : tones.hertz].max() < tones(line)[0, 0, : tones.hertz].max() - math.log(10.0**5)


def test_white_noise_of_variance_one_has_level_zero_in_both_spectra():
    noise = torch.from_numpy(np.random.default_rng(1).standard_normal((1, 1, 102_400)).astype(np.float32))
    tones, frames = Tones(102_400, 20_480.0, 220.0, 32, 1e-7), Frames(102_400, 256, 32, 1e-7)
    assert abs(float(frames(noise)[0, 0, : frames.bands].mean())) < 0.05
    power = tones.power(
        torch.nn.functional.conv1d(noise, tones.kernel, stride=tones.decimation, padding=tones.pad) * tones.weights
    )
    assert abs(float(power[..., 10:].mean()) - 1.0) < 0.1


def test_a_burst_raises_the_strongest_frame_over_the_mean():
    x = torch.from_numpy(0.01 * np.random.default_rng(2).standard_normal((1, 1, 20_480)).astype(np.float32))
    frames = Frames(20_480, 256, 32, 1e-7)
    burst = x.clone()
    burst[..., 5_000:5_160] += torch.sin(2 * math.pi * 2_000.0 / 20_480.0 * torch.arange(160))
    band = int(2_000.0 / (20_480.0 / 2) * frames.bands)
    strongest = 2 * frames.bands + band
    assert frames(burst)[0, 0, strongest] > frames(x)[0, 0, strongest] + 1.0


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
