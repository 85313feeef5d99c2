"""What random signals and sums of tones are made of, against what they are meant to be."""

from itertools import product
from math import erf, sqrt

import numpy as np
import pytest

from babbitt.signals.domain.random_walk import RandomWalk
from babbitt.signals.domain.streams import Layer, StreamBank, stream
from babbitt.signals.domain.time_base import TimeBase
from babbitt.signals.domain.tones import Tone, ToneBank
from babbitt.signals.domain.white_noise import WhiteNoise

DRAWN = 2**20


@pytest.fixture(scope="module")
def noise():
    return WhiteNoise(DRAWN).draw(stream(1, 1, Layer.BROADBAND), 1.0).astype(np.float64)


def test_white_noise_has_the_moments_of_the_normal_law(noise):
    for power, expected, spread in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96), (6, 15, 10_170)):
        assert np.mean(noise**power) == pytest.approx(expected, abs=4 * sqrt(spread / DRAWN))


def test_white_noise_follows_the_normal_law_into_its_tails(noise):
    ranks = np.sort(noise)
    normal = np.array([0.5 * (1 + erf(value / sqrt(2))) for value in ranks[:: DRAWN // 4096]])
    distance = np.abs(normal - np.arange(0, DRAWN, DRAWN // 4096) / DRAWN).max()
    assert distance < 1.95 / sqrt(DRAWN)  # Kolmogorov and Smirnov, one in a thousand
    for sigmas in (3.0, 4.0, 4.5):
        expected = DRAWN * (1 - erf(sigmas / sqrt(2)))
        assert np.count_nonzero(np.abs(noise) > sigmas) == pytest.approx(expected, abs=4 * sqrt(expected))
    assert len(np.unique(noise)) > 0.9 * DRAWN


def test_white_noise_is_white(noise):
    spectrum = np.fft.rfft(noise)
    correlation = np.fft.irfft(np.abs(spectrum) ** 2)[1 : DRAWN // 2] / DRAWN
    assert np.abs(correlation).max() < 6 / sqrt(DRAWN)
    squares = noise**2 - 1
    of_squares = np.fft.irfft(np.abs(np.fft.rfft(squares)) ** 2)[1 : DRAWN // 2] / DRAWN / 2
    assert np.abs(of_squares).max() < 6 / sqrt(DRAWN)


@pytest.mark.parametrize("samples", [1, 7, 1_000, 1_001])
def test_noise_and_walks_of_any_length_are_drawn(samples):
    white = WhiteNoise(samples)
    first = white.draw(stream(1, 1, Layer.BROADBAND), 0.5).copy()
    assert first.shape == (samples,)
    np.testing.assert_array_equal(white.draw(stream(1, 1, Layer.BROADBAND), 0.5), first)
    if samples > 1:
        walk = RandomWalk(samples).draw(stream(1, 1, Layer.WALK), 0.02)
        assert walk.shape == (samples,)
        assert walk.std() == pytest.approx(0.02, rel=1e-4)


def test_a_walk_has_the_law_of_one_with_gaussian_steps():
    """Over windows of any length its increments are Gaussian, independent, and grow with the root of the length."""
    samples, walks = 4_096, 300
    bank = StreamBank(5)
    ours, theirs = np.empty((walks, samples)), np.empty((walks, samples))
    one = RandomWalk(samples)
    for number in range(walks):
        ours[number] = one.draw(bank.of(number)(Layer.WALK), 1.0)
        walk = np.cumsum(bank.of(number)(Layer.FAULT).standard_normal(samples))
        theirs[number] = walk / walk.std()
    for lag in (64, 512, 2_048):
        mine, other = (np.mean((walk[:, lag:] - walk[:, :-lag]) ** 2) for walk in (ours, theirs))
        assert mine == pytest.approx(other, rel=0.15)
    steps = np.diff(ours[:, ::64])
    steps /= steps.std(axis=1, keepdims=True)
    assert np.mean(steps**4) == pytest.approx(3.0, abs=0.2)
    assert np.mean(steps[:, 1:] * steps[:, :-1]) == pytest.approx(0, abs=0.03)
    slope = np.polyfit(np.log(np.arange(4, 400)), np.log((np.abs(np.fft.rfft(ours)) ** 2).mean(axis=0)[4:400]), 1)[0]
    assert slope == pytest.approx(-2, abs=0.1)


def test_the_steps_of_a_walk_are_independent_and_uniform_on_sixteen_values():
    walk = RandomWalk(2**16).draw(stream(1, 1, Layer.WALK), 1.0).astype(np.float64)
    steps = np.diff(walk)
    values = (steps - steps.min()) / (steps.max() - steps.min()) * 15
    np.testing.assert_allclose(values, np.rint(values), atol=0.02)
    counts = np.bincount(np.rint(values).astype(int))
    assert np.abs(counts / (steps.size / 16) - 1).max() < 0.1
    correlations = [np.corrcoef(steps[lag:], steps[:-lag])[0, 1] for lag in (1, 2, 7, 8, 9, 63, 64, 65)]
    assert np.abs(correlations).max() < 5 / np.sqrt(steps.size)


@pytest.mark.parametrize("samples", [1, 2, 1_023, 102_400])
def test_tones_add_up(samples):
    time = TimeBase(samples, 20_480.0)
    tones = (Tone(1.0, 0.5), Tone(0.3, 57.3, 1.0), Tone(-0.2, 10_400.0, -2.5))
    t = np.arange(samples) / 20_480.0
    expected = sum(tone.amplitude * np.sin(2 * np.pi * tone.frequency_hz * t + tone.phase) for tone in tones)
    bank = ToneBank(time)
    np.testing.assert_allclose(bank.sum(tones), expected, atol=1e-6)
    assert not bank.sum(()).any()


def test_streams_set_anew_are_those_made_anew():
    bank = StreamBank(2**62)
    for record in (3, 0, 7, 3):
        streams = bank.of(record)
        for layer in Layer:
            ours, fresh = streams(layer), stream(2**62, record, layer)
            for draw in ("random", "standard_normal"):
                np.testing.assert_array_equal(getattr(ours, draw)(3), getattr(fresh, draw)(3))
            assert ours.integers(0, 2**31, dtype=np.uint32) == fresh.integers(0, 2**31, dtype=np.uint32)


def test_no_two_streams_meet():
    keys = product((1, 2), (1, 2), (Layer.BROADBAND, Layer.WALK), (0, 1))
    assert len({tuple(stream(*key).bit_generator.random_raw(2).tolist()) for key in keys}) == 16
