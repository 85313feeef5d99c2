import io
import zipfile

import numpy as np
import pytest

from babbitt.recordings.errors import RecordingUnreadable


def npy(array, **more):
    stream = io.BytesIO()
    np.save(stream, array, **more)
    return stream.getvalue()


def npz(compressed=False, **arrays):
    stream = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(stream, **arrays)
    return stream.getvalue()


@pytest.mark.parametrize("dtype", ["<f4", ">f8", "<i2", "u1"])
@pytest.mark.parametrize("shape", [(4,), (4, 1), (1, 4)])
def test_an_array_is_a_vector(opened, dtype, shape):
    read = opened(npy(np.arange(4).astype(dtype).reshape(shape))).vector("*")
    np.testing.assert_array_equal(read, [0.0, 1.0, 2.0, 3.0])
    assert read.dtype == np.float64


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_matrix_gives_its_channels(opened, order):
    values = np.arange(10.0).reshape(5, 2)
    reader = opened(npy(np.array(values, order=order)))
    np.testing.assert_array_equal(reader.vector("*#2"), values[:, 1])
    np.testing.assert_array_equal(reader.rows("*", 1, 3), values[1:3])
    with pytest.raises(RecordingUnreadable, match=r"shape \(5, 2\)"):
        reader.vector("*")
    with pytest.raises(RecordingUnreadable, match="no rows 4 to 6"):
        reader.rows("*", 4, 6)


def test_objects_are_refused_without_unpickling(opened):
    content = npy(np.array([1, "x"], dtype=object), allow_pickle=True)
    with pytest.raises(RecordingUnreadable, match=r"a\.npy: holds object"):
        opened(content, "a.npy")


def test_more_announced_than_there_is_takes_no_memory(opened):
    content = npy(np.arange(4.0)).replace(b"(4,)", b"(10000000000000,)").replace(b" " * 13, b"", 1)
    with pytest.raises(RecordingUnreadable, match="truncated: 10000000000000 values announced"):
        opened(content)


@pytest.mark.parametrize("content", [npy(np.arange(4.0))[:20], npy(np.arange(4.0))[:90], npy(np.ones((0, 3)))])
def test_a_damaged_or_empty_array_is_refused(opened, content):
    with pytest.raises(RecordingUnreadable, match=r"a\.npy: .*(no \.npy file|holds no samples)"):
        opened(content, "a.npy")


def test_blanks_without_end_take_no_time_without_end(opened):
    parts = ["{", "'descr'", ":", "'<f8'", ",", "'fortran_order'", ":", "False", ",", "'shape'", ":", "(4,)", ",", "}"]
    for place in range(1, len(parts) + 1):
        header = ("".join(parts[:place]) + " " * 60_000 + "{" + "".join(parts[place:])).encode()
        with pytest.raises(RecordingUnreadable, match=r"no \.npy file"):
            opened(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)


def test_an_array_of_more_axes_than_numpy_has_is_refused(opened):
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({'1,' * 65}), }}".encode()
    with pytest.raises(RecordingUnreadable, match=r"a\.npy: an array of 65 axes; at most 32 are read"):
        opened(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(8), "a.npy")


def test_an_archive_gives_its_arrays_by_name(opened):
    content = npz(compressed=True, left=np.arange(4), both=np.ones((2, 9)), o=np.array([{}], dtype=object))
    reader = opened(content, "a.npz")
    assert reader.format == "npz"
    assert [variable.name for variable in reader.variables()] == ["left", "both", "o"]
    np.testing.assert_array_equal(reader.vector("left"), np.arange(4))
    np.testing.assert_array_equal(reader.vector("both#2"), np.ones(9))
    with pytest.raises(RecordingUnreadable, match=r"a\.npz: variable o holds what is not read \(.*object"):
        reader.vector("o")


def test_an_archive_that_holds_a_bomb_is_refused(opened):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("vast.npy", "w") as file:
            vast = {"descr": "|u1", "fortran_order": False, "shape": (2, 40_000_000)}
            np.lib.format.write_array_header_1_0(file, vast)
        archive.writestr("lying.npy", npy(np.arange(4.0)).replace(b"(4,), }      ", b"(40000000,), }"))
    reader = opened(stream.getvalue(), "a.npz")
    with pytest.raises(RecordingUnreadable, match=r"a\.npz: vast\.npy has 80000000 values; at most"):
        reader.vector("vast#1")
    with pytest.raises(RecordingUnreadable, match=r"a\.npz: .*truncated: 40000000 values announced"):
        reader.vector("lying")


def test_a_damaged_archive_is_refused(opened):
    whole = npz(x=np.arange(100.0))
    for wrong in (whole[:-30], whole[:150] + b"wrong" + whole[155:]):
        with pytest.raises(RecordingUnreadable, match=r"a\.npz: "):
            opened(wrong, "a.npz").vector("x")
