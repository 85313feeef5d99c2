import io

import numpy as np
import pytest

from babbitt.recordings import samples
from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.samples import read_samples


def npy(array, **more):
    stream = io.BytesIO()
    np.save(stream, array, **more)
    return stream.getvalue()


@pytest.mark.parametrize("dtype", ["<f4", ">f8", "<i2", "u1"])
@pytest.mark.parametrize("shape", [(4,), (4, 1), (1, 4)])
def test_a_numpy_file_holds_one_vector(dtype, shape):
    read = read_samples(npy(np.arange(4).astype(dtype).reshape(shape)), "a.npy")
    np.testing.assert_array_equal(read, [0.0, 1.0, 2.0, 3.0])
    assert read.dtype == np.float64


def test_a_numpy_file_with_objects_is_refused_without_unpickling():
    content = npy(np.array([1, "x"], dtype=object), allow_pickle=True)
    with pytest.raises(RecordingUnreadable, match=r"a\.npy: holds object"):
        read_samples(content, "a.npy")


def test_a_numpy_file_that_announces_more_than_it_holds_is_refused_before_memory_is_taken():
    content = npy(np.arange(4.0)).replace(b"(4,)", b"(10000000000000,)").replace(b" " * 13, b"", 1)
    with pytest.raises(RecordingUnreadable, match="truncated: 10000000000000 samples announced"):
        read_samples(content, "a.npy")


@pytest.mark.parametrize("content", [b"", b"nonsense", npy(np.arange(4.0))[:20]])
def test_a_damaged_numpy_file_is_refused(content):
    with pytest.raises(RecordingUnreadable, match=r"a\.npy: no \.npy file"):
        read_samples(content, "a.npy")


def test_a_matrix_is_no_single_channel():
    with pytest.raises(RecordingUnreadable, match=r"shape \(3, 2\)"):
        read_samples(npy(np.ones((3, 2))), "a.npy")


@pytest.mark.parametrize("text", ["1.5\n-2\n", "vibration\r\n1.5\r\n-2\r\n", "\ufeff1.5\n-2"])
def test_a_csv_file_holds_one_column_with_or_without_a_heading(text):
    np.testing.assert_array_equal(read_samples(text.encode(), "A.CSV"), [1.5, -2.0])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"1,2\n3,4\n", "2 columns"),
        (b"1\nx\n", "one column of numbers"),
        (b"\xff\xfe", "UTF-8"),
        (b"", "no samples"),
        (b"heading\n", "no samples"),
        (b"1\n\n2\nnan\n", r"1 samples are no finite numbers, the first at sample 2"),
        (b"1\ninf\nnan\n", r"2 samples are no finite numbers, the first at sample 1"),
    ],
)
def test_a_csv_file_of_another_shape_is_refused_with_the_reason(content, reason):
    with pytest.raises(RecordingUnreadable, match=reason):
        read_samples(content, "a.csv")


def test_an_unknown_ending_is_told_with_the_known_ones():
    with pytest.raises(RecordingUnreadable, match=r"a\.wav: .* none of \.mat, \.npy, \.csv"):
        read_samples(b"", "a.wav")


def test_a_file_over_the_limit_is_not_read(monkeypatch):
    monkeypatch.setattr(samples, "MAX_FILE_BYTES", 10)
    with pytest.raises(RecordingUnreadable, match="11 bytes, at most 10 are read"):
        read_samples(b"1\n2\n3\n4\n5\n6", "a.csv")
