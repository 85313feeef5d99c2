import contextlib
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from babbitt.recordings import matlab
from babbitt.recordings.errors import RecordingUnreadable, VariableNotFound
from babbitt.recordings.matlab import MatlabFile

CWRU = Path(__file__).parents[5] / "shared" / "data" / "cwru"


def mat(compressed=False, **variables):
    stream = io.BytesIO()
    savemat(stream, variables, do_compression=compressed)
    return stream.getvalue()


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int16, np.uint8])
@pytest.mark.parametrize("shape", [(5, 1), (1, 5)])
def test_a_vector_is_found_by_pattern(compressed, dtype, shape):
    content = mat(compressed, X105_DE_time=np.arange(5, dtype=dtype).reshape(shape), X105RPM=1797)
    np.testing.assert_array_equal(MatlabFile(content, "105.mat").vector("X*_DE_time"), np.arange(5.0))


def test_a_variable_that_is_missing_is_told_with_those_that_are_there():
    file = MatlabFile(mat(X105_DE_time=np.ones(5), X105RPM=1797), "105.mat")
    with pytest.raises(VariableNotFound, match=r"105\.mat: no variable matches 'Y\*'.*there: X105RPM, X105_DE_time"):
        file.vector("Y*")


def test_a_pattern_that_matches_twice_is_refused_with_both_names():
    file = MatlabFile(mat(a_time=np.ones(5), b_time=np.ones(5), c=1), "x.mat")
    with pytest.raises(VariableNotFound, match=r"2 variables match .* there: a_time, b_time"):
        file.vector("*_time")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (np.ones((3, 2)), r"numbers of shape \(3, 2\)"),
        (np.ones((0, 0)), r"numbers of shape \(0, 0\)"),
        (np.ones(4) * 1j, r"complex numbers of shape \(1, 4\)"),
        ("some text", "char"),
        ({"inner": 1.0}, "struct"),
        (np.array([np.ones(2), "x"], dtype=object), "cell"),
    ],
)
def test_what_is_no_vector_of_real_numbers_is_refused(value, reason):
    with pytest.raises(RecordingUnreadable, match=rf"x\.mat: variable x holds {reason}"):
        MatlabFile(mat(x=value), "x.mat").vector("x")


def test_a_file_written_on_a_big_endian_machine_is_read():
    def element(kind, data):
        return struct.pack(">II", kind, len(data)) + data + bytes(-len(data) % 8)

    flags = element(6, struct.pack(">II", 6, 0))
    body = flags + element(5, struct.pack(">ii", 3, 1)) + element(1, b"x") + element(9, struct.pack(">3d", 1, 2, 3))
    content = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x01\x00MI" + element(14, body)
    np.testing.assert_array_equal(MatlabFile(content, "x.mat").vector("x"), [1.0, 2.0, 3.0])


@pytest.mark.skipif(
    not CWRU.is_dir(), reason="the real recordings are not in ../shared/data/cwru beside the repository"
)
def test_the_real_recordings_are_read_as_scipy_reads_them():
    for path in sorted(CWRU.glob("*.mat")):
        file = MatlabFile(path.read_bytes(), path.name)
        for name, values in loadmat(path).items():
            if not name.startswith("__"):
                np.testing.assert_array_equal(file.vector(name), values.ravel())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no MATLAB 5 file"),
        (b"\x89HDF\r\n\x1a\n" + bytes(600), "no MATLAB 5 file"),
        (b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + bytes(600), "save it by -v7"),
    ],
)
def test_a_file_of_another_kind_is_refused(content, reason):
    with pytest.raises(RecordingUnreadable, match=reason):
        MatlabFile(content, "x.mat")


@pytest.mark.parametrize("compressed", [False, True])
def test_a_file_cut_anywhere_is_refused_and_never_crashes(compressed):
    whole = mat(compressed, x=np.arange(100.0))
    for length in range(128, len(whole) - 1, 3):
        if length == 128:
            with pytest.raises(VariableNotFound, match="there: none"):
                MatlabFile(whole[:length], "x.mat").vector("x")
            continue
        with pytest.raises(RecordingUnreadable):
            MatlabFile(whole[:length], "x.mat").vector("x")


@pytest.mark.parametrize("compressed", [False, True])
def test_a_file_with_any_byte_wrong_is_read_or_refused_and_never_crashes(compressed):
    """One that SciPy's reader does not pass: it ends the process."""
    whole = mat(compressed, x=np.arange(4.0), text="y", inner={"z": 1.0})
    for position in range(128, len(whole)):
        for value in (0, 1, 0x7F, 0x80, 0xFF):
            wrong = whole[:position] + bytes([value]) + whole[position + 1 :]
            with contextlib.suppress(RecordingUnreadable):
                MatlabFile(wrong, "x.mat").vector("x")


def test_a_bomb_is_not_inflated_beyond_the_bound(monkeypatch):
    monkeypatch.setattr(matlab, "MAX_CONTENT_BYTES", 1_000_000)
    bomb = zlib.compress(bytes(5_000_000), 9)
    content = mat(x=1.0)[:128] + struct.pack("<II", 15, len(bomb)) + bomb
    with pytest.raises(RecordingUnreadable, match="more than 1000000 bytes"):
        MatlabFile(content, "x.mat")


def test_many_small_elements_count_together(monkeypatch):
    monkeypatch.setattr(matlab, "MAX_CONTENT_BYTES", 1_000)
    with pytest.raises(RecordingUnreadable, match="more than 1000 bytes"):
        MatlabFile(mat(**{f"x{n}": np.ones(20) for n in range(10)}), "x.mat")
