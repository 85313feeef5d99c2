import io

import numpy as np
import pytest
from scipy.io import wavfile

from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.readers import opening
from babbitt.recordings.samples import read_samples


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "recording"
        path.write_bytes(content)
        return path

    return write


def npz(**arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def test_the_samples_of_one_channel_are_read_from_a_file_of_any_kind(file):
    np.testing.assert_array_equal(read_samples(file(b"1.5\n-2\n"), "a").samples, [1.5, -2])
    np.testing.assert_array_equal(read_samples(file(npz(left=[1, 2], right=[3, 4])), "a", "right").samples, [3, 4])


def test_the_rate_is_known_where_the_file_says_it(file):
    wav = io.BytesIO()
    wavfile.write(wav, 25_600, np.zeros(10, np.float32))
    assert read_samples(file(wav.getvalue()), "a").sampling_rate_hz == 25_600
    assert read_samples(file(b"1\n2\n"), "a").sampling_rate_hz is None


def test_samples_that_are_missing_are_refused(file):
    with pytest.raises(
        RecordingUnreadable, match=r"a\.csv: 2 samples are missing or no numbers; the first is sample 1"
    ):
        read_samples(file(b"a;b\n1;2\n;3\n2;3\nnan;1\n"), "a.csv", "a")


def test_a_file_over_the_limit_is_not_read(file, monkeypatch):
    monkeypatch.setattr(opening, "MAX_FILE_BYTES", 10)
    with pytest.raises(RecordingUnreadable, match=r"a\.csv: 11 bytes; at most 10 of csv are read"):
        read_samples(file(b"1\n2\n3\n4\n5\n6"), "a.csv")
