import io
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from babbitt.contracts.mappings import ImportMapping, MappingRule
from babbitt.recordings.errors import NoRuleMatches, RateTooLow, RecordingUnreadable
from babbitt.recordings.mapping import parse_mapping
from babbitt.recordings.recordings import read_recording

REPOSITORY = Path(__file__).parents[4]
CWRU = REPOSITORY.parent / "shared" / "data" / "cwru"


def mapping(**rule):
    fields = {"pattern": "*", "label": "ball", "variable": "X*_time", "sampling_rate_hz": 48_000.0} | rule
    return ImportMapping(rules=(MappingRule(**fields),), sampling_rate_hz=12_000.0, record_duration_s=0.01)


def mat(**variables):
    stream = io.BytesIO()
    savemat(stream, variables)
    return stream.getvalue()


def test_a_recording_is_read_labelled_and_resampled(tmp_path):
    content = mat(X7_time=np.sin(np.arange(4_800) / 100), X7RPM=np.uint16(1797))
    rules = mapping(shaft_speed_rpm_variable="X*RPM", shaft_speed_hz=1.0)
    recording = read_recording(content, "7.mat", rules)
    assert (recording.name, recording.label, recording.group) == ("7.mat", "ball", "7.mat")
    assert recording.samples.shape == (1, 1_200)
    assert recording.samples.dtype == np.float32
    assert (recording.sampling_rate_hz, recording.resampled_from_hz) == (12_000.0, 48_000.0)
    assert recording.shaft_speed_hz == pytest.approx(29.95)
    (tmp_path / "7.mat").write_bytes(content)
    again = read_recording(tmp_path / "7.mat", "7.mat", rules)
    np.testing.assert_array_equal(again.samples, recording.samples)


def test_a_recording_at_the_rate_asked_for_is_untouched():
    samples = np.arange(100.0)
    recording = read_recording(mat(X7_time=samples), "7.mat", mapping(sampling_rate_hz=12_005.0, group="bearing-7"))
    np.testing.assert_array_equal(recording.samples[0], samples.astype(np.float32))
    assert recording.resampled_from_hz is None
    assert recording.group == "bearing-7"
    assert recording.shaft_speed_hz is None


def test_a_speed_that_the_file_does_not_have_is_the_rules():
    rules = mapping(shaft_speed_rpm_variable="X*RPM", shaft_speed_hz=30.0)
    assert read_recording(mat(X7_time=np.ones(100)), "7.mat", rules).shaft_speed_hz == 30.0
    assert read_recording(b"1\n2\n3\n4\n", "7.csv", rules).shaft_speed_hz == 30.0


@pytest.mark.parametrize("speed", [0.0, -5.0, np.nan, np.ones(2)])
def test_a_speed_that_is_none_is_refused(speed):
    rules = mapping(shaft_speed_rpm_variable="X*RPM")
    with pytest.raises(RecordingUnreadable, match=r"7\.mat: variable 'X\*RPM' is no speed"):
        read_recording(mat(X7_time=np.ones(100), X7RPM=speed), "7.mat", rules)


def test_what_cannot_be_imported_is_told_by_file():
    with pytest.raises(RateTooLow, match=r"7\.mat: sampled at 6000 Hz"):
        read_recording(mat(X7_time=np.ones(100)), "7.mat", mapping(sampling_rate_hz=6_000.0))
    with pytest.raises(NoRuleMatches, match=r"8\.mat"):
        read_recording(mat(X7_time=np.ones(100)), "8.mat", mapping(pattern="7.mat"))
    with pytest.raises(RecordingUnreadable, match=r"7\.mat: values beyond"):
        read_recording(mat(X7_time=np.full(100, 1e300)), "7.mat", mapping(sampling_rate_hz=12_000.0))


@pytest.mark.skipif(
    not CWRU.is_dir(), reason="the real recordings are not in ../shared/data/cwru beside the repository"
)
def test_the_real_recordings_are_read_by_their_mapping():
    rules = parse_mapping((REPOSITORY / "examples" / "mappings" / "cwru.yaml").read_text())
    for path in sorted(CWRU.glob("*.mat")):
        recording = read_recording(path, path.name, rules)
        assert recording.shaft_speed_hz == pytest.approx(29.94, abs=0.05)
        assert recording.resampled_from_hz == (48_000.0 if path.name == "97.mat" else None)
        assert 5.0 < recording.samples.shape[1] / 12_000 < 10.3
