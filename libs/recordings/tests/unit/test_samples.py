import io

import numpy as np
import pytest

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
    np.testing.assert_array_equal(read_samples(file(b"1.5\n-2\n"), "a"), [1.5, -2])
    np.testing.assert_array_equal(read_samples(file(npz(left=[1, 2], right=[3, 4])), "a", "right"), [3, 4])


def test_samples_that_are_missing_are_refused(file):
    with pytest.raises(
        RecordingUnreadable, match=r"a\.csv: 2 samples are missing or no numbers; the first is sample 1"
    ):
        read_samples(file(b"a;b\n1;2\n;3\n2;3\nnan;1\n"), "a.csv", "a")


def test_a_file_over_the_limit_is_not_read(file, monkeypatch):
    monkeypatch.setattr(opening, "MAX_FILE_BYTES", 10)
    with pytest.raises(RecordingUnreadable, match=r"a\.csv: 11 bytes; at most 10 of csv are read"):
        read_samples(file(b"1\n2\n3\n4\n5\n6"), "a.csv")
