import numpy as np
import pytest

from babbitt.signals.domain import runs
from babbitt.signals.domain.runs import RUN_SAMPLES, fingerprints, fingerprints_by_record, share_a_run


def noise(seed, samples=10_000):
    return np.random.default_rng(seed).standard_normal((1, samples)).astype(np.float32)


def planted(length, gain=1.0, offset=0.0, source_at=3_000, at=500):
    """Two records, the second with a stretch of the first."""
    one, other = noise(1), noise(2)
    other[0, at : at + length] = one[0, source_at : source_at + length] * np.float32(gain) + np.float32(offset)
    return one, other


def meet(one, other):
    return np.intersect1d(fingerprints(one), fingerprints(other)).size > 0


@pytest.mark.parametrize(("gain", "offset"), [(1.0, 0.0), (-1.0, 0.0), (0.001, 5.0), (-3.7, 2.0), (1e4, -1.0)])
@pytest.mark.parametrize(("source_at", "at"), [(3_000, 500), (0, 8_976), (8_976, 0), (8_976, 8_976)])
def test_a_shared_run_is_found_wherever_it_lies_and_however_it_was_scaled(gain, offset, source_at, at):
    one, other = planted(RUN_SAMPLES, gain, offset, source_at, at)
    assert meet(one, other)
    assert share_a_run(one, other)
    assert share_a_run(other, one)


def oversampled(width):
    """Noise that turns seldom: its patterns hold few changes, and the same ones often."""
    return lambda seed: np.convolve(noise(seed)[0], np.hanning(width), "same")[np.newaxis].astype(np.float32)


def with_pauses(seed):
    signal = noise(seed)
    signal[0, 1_500:3_000] = signal[0, 6_000:7_000] = 0.25
    return signal


KINDS = {
    "noise": noise,
    "turns every 6 samples": oversampled(16),
    "turns every 14 samples": oversampled(40),
    "steps without height": lambda seed: np.round(noise(seed), 0),
    "with pauses": with_pauses,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_run_that_turns_often_enough_leaves_a_fingerprint_in_common(kind):
    one = KINDS[kind](1)
    for start in range(0, one.shape[1] - RUN_SAMPLES, 61):
        if kind == "with pauses" and {1_500 - RUN_SAMPLES < start < 3_000, 6_000 - RUN_SAMPLES < start < 7_000} != {
            False
        }:
            continue
        run = one[:, start : start + RUN_SAMPLES] * np.float32(-2)
        assert meet(one, run), start


def test_a_shorter_run_is_none():
    one, other = planted(RUN_SAMPLES - 8)
    assert not share_a_run(one, other)


def test_a_copy_with_one_sample_changed_in_the_middle_is_no_run():
    one, other = planted(RUN_SAMPLES)
    other[0, 500 + RUN_SAMPLES // 2] += 0.01
    assert not share_a_run(one, other)


def test_independent_records_share_nothing():
    assert not meet(noise(1, 100_000), noise(2, 100_000))
    assert not share_a_run(noise(1), noise(2))


def test_a_whole_copy_under_another_gain_is_found():
    assert share_a_run(noise(1), noise(1) * np.float32(0.5) + np.float32(3))


def test_a_run_is_found_though_patterns_that_both_have_reach_beyond_it():
    """Beside the run the copy turns alike, at another gain."""
    missed = []
    for seed in range(60):
        one, other = noise(seed), noise(seed + 1_000)
        other[0, 400:2_000] = one[0, 3_000:4_600] * np.float32(1.5)
        other[0, 600 : 600 + RUN_SAMPLES] = one[0, 3_200 : 3_200 + RUN_SAMPLES]
        if not share_a_run(one, other):
            missed.append(seed)
    assert missed == []


def test_a_copy_with_spikes_is_found_as_long_as_a_run_is_left():
    missed = []
    for seed in range(30):
        one = noise(seed, 20_000)
        other = one.copy()
        spikes = np.random.default_rng(seed).choice(np.r_[0:9_000, 10_300:20_000], 60, replace=False)
        other[0, spikes] += 50
        if not share_a_run(one, other):
            missed.append(seed)
    assert missed == []


def test_of_many_patterns_in_common_so_many_are_tried_as_the_bound_says(monkeypatch):
    tried = []
    monkeypatch.setattr(runs, "_PATTERNS_TRIED", 3)
    monkeypatch.setattr(runs, "_run_around", lambda *pattern: tried.append(pattern))
    share_a_run(noise(1), noise(1))
    assert len(tried) == 3


def test_a_run_in_any_channel_counts():
    one, other = planted(RUN_SAMPLES)
    both = np.concatenate([noise(5), other])
    assert meet(one, both)
    assert share_a_run(one, both)


def test_a_pause_says_nothing():
    one, other = noise(1), noise(2)
    one[0, 1_000:4_000] = other[0, 2_000:5_000] = 0.25
    assert not meet(one, other)
    assert not share_a_run(one, other)


def test_tones_of_one_frequency_but_other_phase_between_the_samples_are_no_copies():
    time = np.arange(10_000)
    one = np.sin(0.7317 * time)[np.newaxis].astype(np.float32)
    other = (np.sin(0.7317 * time + 0.9) + 0.05 * np.sin(0.21 * time))[np.newaxis].astype(np.float32)
    assert not share_a_run(one, other)


def test_quantized_copies_are_found_though_many_steps_have_no_height():
    one, other = noise(1), noise(2)
    one, other = np.round(one, 0), np.round(other, 0)
    other[0, 500:2_000] = one[0, 3_000:4_500] * 7
    assert meet(one, other)
    assert share_a_run(one, other)


@pytest.mark.parametrize("crest", [4, 20, 60])
def test_a_copy_exported_once_more_at_16_bits_is_found_however_far_its_peaks_rise_above_the_rest(crest):
    one = noise(1)
    one[0, 9_999] = crest
    other = (np.round(one / np.abs(one).max() * 32_767) / 32_768).astype(np.float32)
    assert meet(one, other)
    assert share_a_run(one, other)


@pytest.mark.parametrize("samples", [1, 2, 257, 258, 259, 1_023, 1_024, 1_025])
def test_records_of_any_length_have_fingerprints_or_none(samples):
    one = noise(1, samples)
    assert fingerprints(one).size <= 1 + samples // 100
    assert share_a_run(one, one) == (samples >= RUN_SAMPLES)


def test_records_far_shorter_than_a_run_leave_the_hashes_of_the_run_that_lies_across_them():
    one, other = planted(RUN_SAMPLES)
    ours, theirs = (
        fingerprints_by_record(record, [(start, start + 64) for start in range(0, 9_984, 64)])
        for record in (one, other)
    )
    assert len(ours) == 156
    assert np.intersect1d(np.concatenate(ours), np.concatenate(theirs)).size > 0
