import h5py
import numpy as np
import pytest

from babbitt.recordings.errors import RecordingUnreadable, VariableNotFound
from babbitt.recordings.readers import hdf5
from babbitt.recordings.readers.leaves import LeafReader


@pytest.fixture
def file(tmp_path):
    """Open for writing; `read` closes it."""
    with h5py.File(tmp_path / "x.h5", "w") as file:
        yield file


def read(file):
    """In this process: what is read here is sound, and a process takes a while to start."""
    path = file.filename
    file.close()
    return LeafReader("x.h5", "hdf5", hdf5.leaves(path, "x.h5"))


def test_datasets_are_found_by_their_path(file):
    file["run 1/left"] = np.arange(4, dtype="<i2")
    file["run 1/both"] = np.arange(10.0).reshape(5, 2)
    file.create_dataset("packed", data=np.arange(50.0), chunks=(10,), compression="gzip", shuffle=True, fletcher32=True)
    file["rate"] = 1000
    reader = read(file)
    np.testing.assert_array_equal(reader.vector("run 1/left"), np.arange(4))
    np.testing.assert_array_equal(reader.vector("*/both#2"), [1, 3, 5, 7, 9])
    np.testing.assert_array_equal(reader.vector("packed"), np.arange(50))
    np.testing.assert_array_equal(reader.vector("rate"), [1000])
    with pytest.raises(VariableNotFound, match="there: packed, rate, run 1/both, run 1/left"):
        reader.vector("run 2/*")


def test_attributes_are_found_where_they_are_asked_for_and_are_no_samples(file):
    file["samples"] = np.arange(4.0)
    file["samples"].attrs["rate"] = 25_600
    file.attrs["classes"] = ["one", "two"]
    file.attrs["title"] = np.bytes_("bearing")
    file.attrs["nothing"] = h5py.Empty("f8")
    file.create_group("run").attrs["speed"] = [29.9, 30.1]
    reader = read(file)
    np.testing.assert_array_equal(reader.vector("*"), np.arange(4))
    np.testing.assert_array_equal(reader.vector("samples@rate"), [25_600])
    np.testing.assert_array_equal(reader.vector("*@speed"), [29.9, 30.1])
    assert (reader.texts("@classes"), reader.texts("@title")) == (["one", "two"], ["bearing"])


def test_the_layout_of_the_benchmark_is_read_by_rows(file):
    signals = np.random.default_rng(0).standard_normal((6, 100)).astype(np.float32)
    file.create_dataset("train/signals", data=signals, chunks=(2, 50), compression="gzip")
    file["train/labels"] = ["sain", "usure"] * 3
    file["train/metadata"] = np.array([b'{"a": 1}'] * 6)
    reader = read(file)
    np.testing.assert_array_equal(reader.rows("train/signals", 2, 5), signals[2:5])
    assert reader.texts("train/labels") == ["sain", "usure"] * 3
    assert reader.texts("train/metadata")[5] == '{"a": 1}'


def test_what_leads_out_of_the_file_is_named_and_not_followed(file, tmp_path):
    secret = tmp_path / "secret"
    with h5py.File(secret, "w") as other:
        other["x"] = np.arange(4.0)
    file["inside"] = np.arange(4.0)
    file["soft"] = h5py.SoftLink("/inside")
    file["outside"] = h5py.ExternalLink(str(secret), "/x")
    file.create_dataset("raw", (4,), "f8", external=[(str(secret), 0, 32)])
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:] = h5py.VirtualSource(str(secret), "x", (4,))
    file.create_virtual_dataset("virtual", layout)
    reader = read(file)
    for name, holds in {
        "soft": r"a link that is not followed \(SoftLink\)",
        "outside": r"a link that is not followed \(ExternalLink\)",
        "raw": r"values of other files \(external storage\)",
        "virtual": r"values of other datasets \(virtual\)",
    }.items():
        with pytest.raises(RecordingUnreadable, match=f"x.h5: variable {name} holds {holds}"):
            reader.vector(name)


def test_filters_that_are_not_hdf5s_own_are_refused(file):
    stored = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    stored.set_chunk((4,))
    stored.set_filter(32_015, h5py.h5z.FLAG_OPTIONAL, (3,))
    h5py.h5d.create(file.id, b"x", h5py.h5t.NATIVE_DOUBLE, h5py.h5s.create_simple((4,)), stored)
    with pytest.raises(RecordingUnreadable, match="values behind the filter 32015"):
        read(file).vector("x")


def test_absurd_shapes_take_no_memory(file):
    file.create_dataset("vast", (10**12,), "f8", chunks=(1000,), compression="gzip")
    file.create_dataset("wide", (2, 10**9), "f8", chunks=(1, 1000), compression="gzip")
    file.create_dataset("chunk", (10**9,), "f8", chunks=(10**8,), compression="gzip")
    reader = read(file)
    for name, reason in {
        "vast": "1000000000000 values; at most 67108864 are read at once",
        "wide#1": "1000000000 values; at most",
        "chunk": "values in chunks of over 67108864 bytes",
    }.items():
        with pytest.raises(RecordingUnreadable, match=reason):
            reader.vector(name)
    with pytest.raises(RecordingUnreadable, match="2000000000 values; at most"):
        reader.rows("wide", 0, 2)


def test_a_group_in_itself_is_refused(file):
    file["a/x"] = np.arange(4.0)
    file["a/again"] = file["a"]
    with pytest.raises(RecordingUnreadable, match=r"x\.h5: groups nested over 12 deep, or one in itself"):
        read(file)


def test_what_holds_no_numbers_is_told(file):
    file["pairs"] = np.zeros(3, [("a", "f4"), ("b", "f8")])
    file["complex"] = np.ones(3) * 1j
    file["empty"] = h5py.Empty("f8")
    file["type"] = np.dtype("f8")
    file["text"] = "words"
    reader = read(file)
    for name, holds in {"pairs": r"\[\('a'", "complex": "complex128", "empty": "nothing", "text": "text"}.items():
        with pytest.raises(RecordingUnreadable, match=f"variable {name} holds {holds}"):
            reader.vector(name)
