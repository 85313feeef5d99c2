import numpy as np
import pytest

from babbitt.contracts.dataspec import same_rate
from babbitt.recordings import resampling
from babbitt.recordings.errors import RateTooLow
from babbitt.recordings.resampling import ratio_of, resample


def tone(frequency_hz, rate_hz, seconds=1.0):
    return np.sin(2 * np.pi * frequency_hz * np.arange(round(seconds * rate_hz)) / rate_hz)


def inner(samples):
    """Away from the ends, where the filter sees beyond them."""
    return samples[samples.size // 10 : -samples.size // 10]


@pytest.mark.parametrize(
    ("from_hz", "to_hz"),
    [(48_000.0, 12_000.0), (44_100.0, 12_000.0), (25_600.0, 20_480.0), (1_000_000.0, 4_000.0)],
)
@pytest.mark.parametrize("share", [0.01, 0.3, 0.85])
def test_a_tone_that_the_lower_rate_can_hold_stays_as_it_was(from_hz, to_hz, share):
    frequency = share * to_hz / 2
    resampled = resample(tone(frequency, from_hz), from_hz, to_hz)
    expected = tone(frequency, to_hz)
    assert resampled.dtype == np.float32
    assert resampled.shape == expected.shape
    np.testing.assert_allclose(inner(resampled), inner(expected), atol=2e-3)


@pytest.mark.parametrize("frequency", [6_000.0, 6_500.0, 11_000.0, 13_000.0, 23_000.0])
def test_a_tone_above_the_new_nyquist_frequency_is_gone_instead_of_aliased(frequency):
    resampled = resample(tone(frequency, 48_000.0), 48_000.0, 12_000.0)
    assert np.abs(inner(resampled)).max() < 2e-4


def test_nothing_is_resampled_upwards():
    with pytest.raises(RateTooLow, match="sampled at 11900 Hz, but 12000 Hz are needed"):
        resample(np.ones(100), 11_900.0, 12_000.0)


@pytest.mark.parametrize("from_hz", [11_988.0, 12_000.0, 12_012.0])
def test_a_rate_within_a_thousandth_is_taken_as_it_is(from_hz):
    waveform = np.arange(100.0)
    assert same_rate(from_hz, 12_000.0)
    np.testing.assert_array_equal(resample(waveform, from_hz, 12_000.0), waveform.astype(np.float32))


def test_just_outside_that_thousandth_it_is_not():
    assert not same_rate(11_987.0, 12_000.0)
    assert not same_rate(12_013.0, 12_000.0)
    assert resample(np.ones(12_025), 12_025.0, 12_000.0).size == 12_000


def test_an_offset_survives_to_both_ends():
    np.testing.assert_allclose(resample(np.full(4_800, 9.81), 48_000.0, 12_000.0), 9.81, rtol=1e-4)


def test_the_last_axis_is_time_and_each_channel_goes_by_itself():
    block = np.stack([tone(100, 48_000.0), tone(3_000, 48_000.0)]).reshape(2, 1, -1)
    resampled = resample(block, 48_000.0, 12_000.0)
    assert resampled.shape == (2, 1, 12_000)
    np.testing.assert_array_equal(resampled[1, 0], resample(block[1, 0], 48_000.0, 12_000.0))


def test_a_ratio_of_odd_rates_gives_the_length_it_should():
    assert resample(np.zeros(25_641), 25_641.5, 12_000.0).size == pytest.approx(12_000, abs=1)
    assert resample(np.zeros(1_000_000), 10_000_000.0, 1_000.0).size == pytest.approx(100, abs=1)


def test_a_slow_drift_between_clocks_is_resolved_exactly():
    """48 kHz to 12 kHz is one sample in four, not nearly: the last sample falls where it should."""
    impulse = np.zeros(48_000)
    impulse[40_000] = 1.0
    assert np.argmax(resample(impulse, 48_000.0, 12_000.0)) == 10_000


@pytest.mark.parametrize(
    ("from_hz", "to_hz"),
    [(48_003.0, 24_000.0), (44_100.0, 12_000.0), (1_000_003.0, 4_000.0), (10e6 + 1, 1_000.0), (12_005.0, 12_000.0)],
)
def test_the_ratio_that_is_told_is_the_one_that_is_resampled_at(from_hz, to_hz):
    impulse = np.zeros(1_000_000)
    impulse[800_000:800_010] = 1.0
    assert np.argmax(resample(impulse, from_hz, to_hz)) == pytest.approx(800_005 * ratio_of(from_hz, to_hz), abs=6)


def test_filters_of_many_odd_rates_take_little_memory():
    longest = resampling._filter(resampling.LARGEST_DENOMINATOR)
    assert longest.nbytes * resampling._filter.cache_parameters()["maxsize"] <= 16 * 1024**2


@pytest.mark.parametrize(
    ("from_hz", "length"), [(48_000.0, 10_007), (44_100.0, 30_000), (12_800.0, 4_001), (1e6, 99_999)]
)
def test_a_long_signal_in_blocks_is_the_signal_at_once(monkeypatch, from_hz, length):
    signal = np.random.default_rng(1).standard_normal((2, length)) + 5
    at_once = resample(signal, from_hz, 12_000.0)
    monkeypatch.setattr(resampling, "_BLOCK", 1_500)
    np.testing.assert_allclose(resample(signal, from_hz, 12_000.0), at_once, rtol=1e-5, atol=1e-6)
