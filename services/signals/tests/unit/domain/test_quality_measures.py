"""What is measured of a record, and how it is kept."""

import numpy as np
import pytest

from babbitt.signals.adapters.quality_packing import packed_quality, unpacked_quality
from babbitt.signals.domain.quality.measuring import Measuring
from babbitt.signals.domain.quality.portraits import envelope_axis, portrait, spectrum_axis
from babbitt.signals.domain.quality.statistics import BANDS, FIELDS, STATISTICS, band_edges, measure
from babbitt.signals.domain.records import Waveform

RATE_HZ = 20_480.0


def noise(samples=50_000, seed=1):
    return np.random.default_rng(seed).standard_normal((1, samples)).astype(np.float32)


def tone(frequency_hz, samples=20_480):
    return np.sin(2 * np.pi * frequency_hz / RATE_HZ * np.arange(samples))[np.newaxis].astype(np.float32)


def statistics(samples):
    return dict(zip(STATISTICS, measure(samples)[0, : len(STATISTICS)].tolist(), strict=True))


def test_statistics_are_those_of_the_textbook_whatever_the_offset():
    of_noise, of_tone = statistics(noise() * 2 + 100), statistics(tone(100))
    assert of_noise["rms"] == pytest.approx(2, rel=0.02)
    assert of_noise["dc"] == pytest.approx(100, rel=1e-3)
    assert of_noise["kurtosis"] == pytest.approx(3, abs=0.1)
    assert of_tone["crest"] == pytest.approx(2**0.5, rel=1e-3)
    assert of_tone["kurtosis"] == pytest.approx(1.5, rel=1e-3)


@pytest.mark.parametrize("scale", [1e-30, 1e-9, 2e9, 1e30, 3e38])
def test_raw_counts_and_tiny_volts_are_measured_as_others_are(scale):
    signal = noise() / np.abs(noise()).max()
    plain, scaled = statistics(signal), statistics(signal * np.float32(scale))
    for name in ("crest", "kurtosis", "clipping"):
        assert scaled[name] == pytest.approx(plain[name], rel=1e-4)
    assert scaled["rms"] == pytest.approx(plain["rms"] * scale, rel=1e-4)
    levels = (measure(signal * np.float32(scale)) - measure(signal))[0, len(STATISTICS) :]
    assert levels == pytest.approx(20 * np.log10(scale), abs=0.01)


def test_a_clipped_record_tells_how_much_of_it_is():
    clipped = np.clip(noise(), -1, 1)
    assert statistics(noise())["clipping"] == 0
    assert statistics(clipped)["clipping"] == pytest.approx(2 * 0.159**2, rel=0.05)


def test_a_constant_record_has_no_crest_and_no_kurtosis():
    constant = statistics(np.full((1, 100), 0.5, np.float32))
    assert (constant["rms"], constant["crest"], constant["kurtosis"], constant["dc"]) == (0, 0, 0, 0.5)
    assert constant["clipping"] == 1


def test_bands_show_where_the_power_lies():
    levels, edges = measure(tone(3_000))[0, len(STATISTICS) :], band_edges(RATE_HZ)
    strongest = int(levels.argmax())
    assert edges[strongest] <= 3_000 <= edges[strongest + 1]
    flat = measure(noise())[0, len(STATISTICS) :]
    assert np.abs(flat[4:]).max() < 2.5


@pytest.mark.parametrize("samples", [2, 64, 1_023, 1_024, 1_025, 17_000])
def test_records_of_any_length_are_measured_a_row_a_channel(samples):
    measured = measure(np.concatenate([noise(samples), noise(samples) * 3]))
    assert measured.shape == (2, FIELDS)
    assert np.isfinite(measured).all()
    assert measured[1, 0] == pytest.approx(3 * measured[0, 0], rel=1e-5)


def test_a_portrait_shows_the_lines_of_the_signal_and_of_its_envelope():
    seconds = np.arange(40_000) / RATE_HZ
    carrier = (1 + 0.5 * np.cos(2 * np.pi * 107 * seconds)) * np.sin(2 * np.pi * 3_000 * seconds)
    spectrum, envelope = portrait((carrier + 0.5 * np.sin(2 * np.pi * 60 * seconds)).astype(np.float32), RATE_HZ)
    at = spectrum_axis(RATE_HZ)
    assert at[spectrum.argmax()] == pytest.approx(3_000, rel=0.04)
    assert spectrum[np.searchsorted(at, 60) - 1] == pytest.approx(-6, abs=0.5)
    assert envelope_axis(RATE_HZ)[envelope.argmax()] == pytest.approx(107, abs=2.5)
    assert envelope.max() == pytest.approx(-6, abs=0.5)


@pytest.mark.parametrize("samples", [64, 65, 1_000])
def test_short_records_have_portraits_too(samples):
    assert np.isfinite(portrait(noise(samples)[0], RATE_HZ)).all()


def test_the_first_record_of_each_class_is_portrayed_and_no_noisy_copy():
    measuring = Measuring(RATE_HZ)
    for label, place in [("a", "test_snr20"), ("a", None), ("a", None), ("b", "train")]:
        measuring.add(Waveform("r", "r", label, "g", noise(2_000), None, place=place))
    quality = measuring.result()
    assert list(quality.portraits) == [1, 3]
    assert quality.statistics.shape == (4, 1, FIELDS)
    assert len(STATISTICS) + BANDS == FIELDS


def test_a_shard_without_records_has_its_channels():
    assert Measuring(RATE_HZ, channels=2).result().statistics.shape == (0, 2, FIELDS)


def test_what_was_measured_comes_back_from_its_bytes():
    measuring = Measuring(RATE_HZ)
    measuring.add(Waveform("r", "r", "a", "g", noise(2_000), None))
    for quality in (measuring.result(), Measuring(RATE_HZ).result()):
        packed = packed_quality(quality)
        again = unpacked_quality(packed)
        assert again is not None
        assert (again.statistics == quality.statistics).all()
        assert {row: points.tolist() for row, points in again.portraits.items()} == {
            row: points.tolist() for row, points in quality.portraits.items()
        }
    assert unpacked_quality(packed_quality(None)) is None
