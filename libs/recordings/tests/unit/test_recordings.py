import numpy as np
import pytest
from scipy.io import savemat, wavfile

from babbitt.contracts.mappings import ImportMapping, MappedChannel, MappingRule
from babbitt.recordings.errors import NoRuleMatches, RateTooLow, RecordingUnreadable, RuleInvalid
from babbitt.recordings.recordings import read_recording
from babbitt.recordings.resampling import REACH_SAMPLES, resample

NAN = np.nan


def mapping(rule=None, **fields):
    told = {"pattern": "*", "label": "ball", "variable": "X*_time", "sampling_rate_hz": 48_000.0} | (rule or {})
    return ImportMapping(**({"rules": (MappingRule(**told),), "sampling_rate_hz": 12_000.0} | fields))


@pytest.fixture
def read(tmp_path):
    """A function: the recording in a MATLAB file of these variables, by a mapping."""

    def read(rules, name="7.mat", **variables):
        savemat(tmp_path / "file", {"X7_time": np.ones(100)} | variables, appendmat=False)
        return read_recording(tmp_path / "file", name, rules)

    return read


@pytest.fixture
def same_rate():
    """A function: a mapping that resamples nothing, with these fields."""
    return lambda rule=None, **fields: mapping({"sampling_rate_hz": 12_000} | (rule or {}), **fields)


def test_a_recording_is_read_labelled_and_resampled(read):
    rules = mapping({"shaft_speed_rpm_variable": "X*RPM", "shaft_speed_hz": 1.0})
    recording = read(rules, X7_time=np.sin(np.arange(4_800) / 100), X7RPM=np.uint16(1797))
    assert (recording.name, recording.label, recording.group) == ("7.mat", "ball", "7.mat")
    assert recording.samples.shape == (1, 1_200)
    assert recording.samples.dtype == np.float32
    assert recording.recorded_at_hz == 48_000
    assert recording.remarks == ("7.mat: resampled from 48000 Hz",)
    assert recording.shaft_speed_hz == pytest.approx(29.95)


def test_a_recording_at_the_rate_asked_for_is_untouched(read):
    recording = read(mapping({"sampling_rate_hz": 12_005, "group": "bearing-7"}), X7_time=np.arange(100.0))
    np.testing.assert_array_equal(recording.samples[0], np.arange(100, dtype=np.float32))
    assert (recording.remarks, recording.group, recording.shaft_speed_hz) == ((), "bearing-7", None)


def test_channels_go_side_by_side_in_the_mappings_units(read, same_rate):
    channels = (MappedChannel(name="x"), MappedChannel(name="y", unit="m/s2"))
    rules = same_rate({"variable": ("a", "b"), "unit": "m/s2"}, channels=channels)
    recording = read(rules, a=np.full(3, 9.80665), b=np.full(3, 2.0))
    np.testing.assert_allclose(recording.samples, [[1, 1, 1], [2, 2, 2]], rtol=1e-6)
    with pytest.raises(RecordingUnreadable, match=r"7\.mat: a holds 3 samples, b 4; the channels .* equally long"):
        read(rules, a=np.ones(3), b=np.ones(4))


def test_the_rate_comes_from_where_it_is_told(read):
    told = mapping({"sampling_rate_hz": None, "sampling_rate_variable": "sr"})
    assert read(told, sr=97_656.0).recorded_at_hz == 97_656
    for wrong in (0.0, NAN, np.array([1.0, 2.0])):
        with pytest.raises(RecordingUnreadable, match=r"7\.mat: sr is no sampling rate"):
            read(told, sr=wrong)
    with pytest.raises(RuleInvalid, match=r"rules\[0\] .*\.sampling_rate_hz: 7\.mat \(matlab5\) does not say its rate"):
        read(mapping({"sampling_rate_hz": None}))


def test_a_wav_file_says_its_rate_itself(tmp_path):
    wavfile.write(tmp_path / "file", 24_000, np.full((2_400, 2), [16_384, -8_192], np.int16))
    channels = (MappedChannel(name="left", unit="1", quantity="dimensionless"), MappedChannel(name="right", unit="1"))
    rules = mapping({"sampling_rate_hz": None, "variable": ("#1", "#2")}, channels=channels)
    recording = read_recording(tmp_path / "file", "a.wav", rules)
    assert (recording.recorded_at_hz, recording.samples.shape) == (24_000, (2, 1_200))
    np.testing.assert_allclose(recording.samples[:, 600], [0.5, -0.25], rtol=1e-3)


def test_a_speed_is_a_number_or_the_mean_of_a_recording_of_it(read, same_rate):
    rules = same_rate({"shaft_speed_rpm_variable": "rpm"})
    assert read(rules, rpm=1500.0).shaft_speed_hz == 25
    steady = read(rules, rpm=np.array([1_500.0, NAN, 1_503.0, 1_497.0]))
    assert (steady.shaft_speed_hz, steady.remarks) == (pytest.approx(25), ())
    ramp = read(rules, rpm=np.linspace(900, 2_100, 200))
    assert ramp.shaft_speed_hz == pytest.approx(25)
    assert ramp.remarks[0].startswith("7.mat: its shaft speed varies by 72")
    assert read(same_rate({"shaft_speed_hz_variable": "hz"}), hz=30.0).shaft_speed_hz == 30


def test_a_speed_that_the_file_does_not_have_is_the_rules_and_said_so(read, same_rate):
    rules = {"shaft_speed_rpm_variable": "X*RPM", "shaft_speed_hz": 30.0}
    recording = read(same_rate(rules))
    assert recording.shaft_speed_hz == 30.0
    (remark,) = recording.remarks
    assert remark.startswith("7.mat: no variable matches 'X*RPM'")
    assert remark.endswith("its shaft speed is 30 Hz, as its rule says")
    assert read(same_rate({"shaft_speed_rpm_variable": "X*RPM"})).remarks[0].endswith("its shaft speed is unknown")


@pytest.mark.parametrize("speed", [0.0, -5.0, NAN, 1e9])
def test_a_speed_that_is_none_is_refused(read, speed):
    with pytest.raises(RecordingUnreadable, match=r"7\.mat: X\*RPM is no shaft speed"):
        read(mapping({"shaft_speed_rpm_variable": "X*RPM"}), X7RPM=speed)


def test_what_cannot_be_imported_is_told_by_file(read):
    with pytest.raises(RateTooLow, match=r"7\.mat: sampled at 6000 Hz"):
        read(mapping({"sampling_rate_hz": 6_000}))
    with pytest.raises(NoRuleMatches, match=r"8\.mat"):
        read(mapping({"pattern": "7.mat"}), name="8.mat")
    with pytest.raises(RecordingUnreadable, match=r"7\.mat: values beyond"):
        read(mapping({"sampling_rate_hz": 12_000}), X7_time=np.full(100, 1e300))
    with pytest.raises(RuleInvalid, match=r"rules\[0\] .*\.unit: um cannot be turned into g"):
        read(mapping({"unit": "um"}))


def holed(samples, *holes):
    """A slow sine with holes."""
    wave = np.sin(np.arange(samples) / 50)
    for start, stop in holes:
        wave[start:stop] = NAN
    return wave


def test_gaps_are_refused_unless_the_mapping_says_otherwise(read, same_rate):
    with pytest.raises(RecordingUnreadable, match=r"7\.mat: 6 samples are missing in 2 gaps, the first at sample 40"):
        read(same_rate(), X7_time=holed(1_000, (40, 44), (90, 92)))


def test_short_gaps_are_filled_by_straight_lines_and_said(read, same_rate):
    recording = read(same_rate(gap_policy="interpolate"), X7_time=holed(1_000, (40, 44), (90, 92)))
    np.testing.assert_allclose(recording.samples[0], np.sin(np.arange(1_000) / 50), atol=2e-3)
    assert recording.remarks == ("7.mat: 2 gaps filled by straight lines: 6 samples, at most 0.000333 s",)
    assert recording.damaged == ()


@pytest.mark.parametrize(
    ("hole", "reason"),
    [((40, 200), "the longest lasts 0.01333 s"), ((0, 3), "at an end"), ((0, 1_000), "no samples at all")],
)
def test_gaps_that_no_line_bridges_are_refused(read, same_rate, hole, reason):
    with pytest.raises(RecordingUnreadable, match=rf"7\.mat: .*{reason}"):
        read(same_rate(gap_policy="interpolate"), X7_time=holed(1_000, hole))


def test_more_gaps_than_a_recording_has_are_refused_before_they_are_counted_one_by_one(read, same_rate):
    wave = np.ones(100_000)
    wave[::4] = NAN
    with pytest.raises(RecordingUnreadable, match=r"7\.mat: channel 1 has 25000 gaps; 10000 at most"):
        read(same_rate(gap_policy="cut"), X7_time=wave)


def test_where_gaps_are_cut_away_all_that_they_touch_is_told_after_resampling_too(read, same_rate):
    assert read(same_rate(gap_policy="cut"), X7_time=holed(1_000, (40, 200))).damaged == ((40, 201),)
    wave = holed(48_000, (20_000, 20_100))
    recording = read(mapping(gap_policy="cut"), X7_time=wave)
    ((start, stop),) = recording.damaged
    assert (start, stop) == (5_000 - REACH_SAMPLES, 5_025 + 1 + REACH_SAMPLES)
    whole = resample(holed(48_000), 48_000, 12_000)
    np.testing.assert_allclose(recording.samples[0, :start], whole[:start], atol=1e-3)
    np.testing.assert_allclose(recording.samples[0, stop:], whole[stop:], atol=1e-4)


def test_what_gaps_touch_is_told_at_the_ratio_that_was_resampled_at_where_rates_are_odd(read):
    """48,003 Hz are halved to 24,000 Hz: a place told at the ratio that is meant would run away from its samples."""
    wave = holed(110_000, (100_000, 100_100))
    recording = read(mapping({"sampling_rate_hz": 48_003.0}, sampling_rate_hz=24_000.0, gap_policy="cut"), X7_time=wave)
    assert recording.damaged == ((50_000 - REACH_SAMPLES, 50_050 + 1 + REACH_SAMPLES),)
