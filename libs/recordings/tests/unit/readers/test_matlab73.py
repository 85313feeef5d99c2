"""Files as MATLAB 7.3 lays them out, written here by h5py: numbers transposed, texts as UTF-16, cells by references."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.readers import matlab73
from babbitt.recordings.readers.leaves import LeafReader

CLASSES = {"f8": "double", "f4": "single", "i2": "int16", "u2": "uint16"}


class Matlab:
    """Writes what MATLAB would."""

    def __init__(self, path):
        self.file = h5py.File(path, "w", userblock_size=512)
        self.references = self.file.create_group("#refs#")

    def numbers(self, group, name, values):
        values = np.atleast_2d(values)
        dataset = group.create_dataset(name, data=values.T)
        dataset.attrs["MATLAB_class"] = np.bytes_(CLASSES[values.dtype.str[1:]])

    def text(self, group, name, text):
        dataset = group.create_dataset(name, data=np.frombuffer(text.encode("utf-16-le"), "<u2")[:, None])
        dataset.attrs["MATLAB_class"] = np.bytes_("char")
        dataset.attrs["MATLAB_int_decode"] = 2

    def struct(self, group, name):
        made = group.create_group(name)
        made.attrs["MATLAB_class"] = np.bytes_("struct")
        return made

    def referred(self, group, name, write, values, class_=None):
        """A dataset of references: a field of an array of structs, or a cell."""
        made = []
        for value in values:
            called = f"r{len(self.references)}"
            write(self.references, called, value)
            made.append(self.references[called].ref)
        dataset = group.create_dataset(name, data=np.array(made, dtype=h5py.ref_dtype)[:, None], dtype=h5py.ref_dtype)
        if class_:
            dataset.attrs["MATLAB_class"] = np.bytes_(class_)

    def close(self):
        path = Path(self.file.filename)
        self.file.close()
        with path.open("r+b") as file:
            file.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")
        return path


@pytest.fixture
def matlab(tmp_path):
    return Matlab(tmp_path / "x.mat")


def read(matlab):
    return LeafReader("x.mat", "matlab73", matlab73.leaves(matlab.close(), "x.mat"))


def test_a_file_is_told_by_its_content_and_read_in_another_process(matlab, opened):
    matlab.numbers(matlab.file, "X105_DE_time", np.arange(5.0)[:, None])
    matlab.numbers(matlab.file, "X105RPM", 1797.0)
    reader = opened(matlab.close(), "105.mat")
    assert reader.format == "matlab73"
    np.testing.assert_array_equal(reader.vector("X*_DE_time"), np.arange(5.0))
    np.testing.assert_array_equal(reader.vector("X*RPM"), [1797.0])


def test_names_and_shapes_are_those_of_the_older_format(matlab):
    run = matlab.struct(matlab.file, "N15_KA01_1")
    channels = matlab.struct(run, "Y")
    matlab.referred(channels, "Name", matlab.text, ["force", "vibration_1"])
    matlab.referred(channels, "Data", matlab.numbers, [np.zeros((1, 4)), np.arange(8.0)[None]])
    matlab.text(matlab.struct(run, "Info"), "Bearing", "KA01 µ")
    matlab.numbers(matlab.file, "tall", np.arange(10.0, dtype="f4").reshape(5, 2))
    matlab.referred(matlab.file, "cells", matlab.numbers, [np.arange(3.0)[None], np.arange(4.0)[None]], "cell")
    reader = read(matlab)
    for variable in ("*.Y[vibration_1].Data", "N15_KA01_1.Y[1].Data"):
        np.testing.assert_array_equal(reader.vector(variable), np.arange(8.0))
    assert reader.texts("*.Bearing") == ["KA01 µ"]
    np.testing.assert_array_equal(reader.vector("tall#2"), [1, 3, 5, 7, 9])
    np.testing.assert_array_equal(reader.rows("tall", 1, 3), [[2, 3], [4, 5]])
    np.testing.assert_array_equal(reader.vector("cells[1]"), np.arange(4.0))
    shapes = {variable.name: variable.shape for variable in reader.variables()}
    assert shapes["tall"] == (5, 2)
    assert shapes["N15_KA01_1.Y[vibration_1].Data"] == (1, 8)
    assert not [name for name in shapes if "#" in name]


def test_cells_that_hold_themselves_are_refused(matlab):
    cell = matlab.file.create_dataset("c", (1, 2), dtype=h5py.ref_dtype)
    cell.attrs["MATLAB_class"] = np.bytes_("cell")
    cell[0, 0] = cell[0, 1] = cell.ref
    with pytest.raises(RecordingUnreadable, match=r"x\.mat: over .*nested over 12 deep, or one in itself"):
        read(matlab)


def test_what_only_matlab_reads_is_told(matlab):
    matlab.numbers(matlab.file, "f", 1.0)
    matlab.file["f"].attrs["MATLAB_class"] = np.bytes_("function_handle")
    empty = matlab.file.create_dataset("e", data=np.array([0, 0], "u8"))
    empty.attrs["MATLAB_class"], empty.attrs["MATLAB_empty"] = np.bytes_("double"), 1
    matlab.file["c"] = np.zeros((3, 1), [("real", "f8"), ("imag", "f8")])
    sparse = matlab.file.create_group("s")
    sparse.attrs["MATLAB_class"], sparse.attrs["MATLAB_sparse"] = np.bytes_("double"), 3
    reader = read(matlab)
    for name, holds in {"f": "function_handle", "e": "nothing", "c": "real", "s": "what only MATLAB reads"}.items():
        with pytest.raises(RecordingUnreadable, match=f"variable {name} holds .*{holds}"):
            reader.vector(name)
