"""MATLAB 5 files that are damaged, or made to do harm."""

import contextlib
import struct
import zlib

import numpy as np
import pytest
from libs.recordings.tests.matlab5_files import element, mat, matrix, structs, written

from babbitt.recordings.errors import RecordingUnreadable, VariableNotFound
from babbitt.recordings.readers import matlab5
from babbitt.recordings.readers.deadline import Deadline
from babbitt.recordings.readers.leaves import LeafReader


def test_a_shape_that_announces_more_than_there_is_takes_no_memory(opened):
    vast = (2**31 - 1, 1)
    field = element("<", 5, struct.pack("<i", 4)) + element("<", 1, b"abc\x00")
    for kind, content in ((6, element("<", 9, bytes(8))), (1, b""), (2, field)):
        with pytest.raises(RecordingUnreadable, match=r"x\.mat: .*(damaged|values; at most)"):
            opened(written(matrix(kind, vast, content)), "x.mat").vector("x")
    vast = (2**31 - 1, 2**31 - 1)
    no_fields = element("<", 5, struct.pack("<i", 4)) + element("<", 1, b"")
    assert opened(written(matrix(2, (1, 1), no_fields))).variables() == []
    assert opened(written(matrix(2, vast, no_fields))).variables() == []


def test_cells_in_cells_without_end_are_refused(opened):
    nested = matrix(6, (1, 1), element("<", 9, bytes(8)))
    for _ in range(3000):
        nested = matrix(1, (1, 1), nested)
    with pytest.raises(RecordingUnreadable, match=r"x\.mat: over .* nested over 12 deep"):
        opened(written(nested), "x.mat")


def test_more_variables_than_anybody_names_are_refused(opened):
    empty = matrix(6, (0, 0), element("<", 9, b""))
    with pytest.raises(RecordingUnreadable, match=r"x\.mat: over 10000 variables"):
        opened(written(matrix(1, (20_000, 1), *[empty] * 20_000)), "x.mat")


def test_counts_that_only_cost_time_and_memory_are_refused(opened):
    """Fields, dimensions and elements that take less of the file than of whoever reads it."""
    width, names = element("<", 5, struct.pack("<i", 1)), element("<", 1, b"a" * 20_000)
    wrong = {
        "20000 fields": written(matrix(2, (1, 1), width, names)),
        "20000 fields in one array": written(matrix(2, (0, 1), width, names)),
        "without its shape": written(matrix(6, (1,) * 33, element("<", 9, bytes(8)))),
        "without its name": written(matrix(6, (1, 1), element("<", 9, bytes(8)), name=b"x" * 2000)),
        "more than 10000 variables": written(element("<", 9, b"") * 10_001),
    }
    for reason, content in wrong.items():
        with pytest.raises(RecordingUnreadable, match=rf"x\.mat: damaged MATLAB 5 file: .*{reason}"):
            opened(content, "x.mat")


@pytest.mark.parametrize("compressed", [False, True])
def test_a_file_cut_anywhere_is_refused_and_never_crashes(opened, compressed):
    whole = mat(compressed, x=np.arange(100.0))
    with pytest.raises(VariableNotFound, match="there: none"):
        opened(whole[:128]).vector("x")
    for length in range(131, len(whole) - 1, 9):
        with pytest.raises(RecordingUnreadable):
            opened(whole[:length]).vector("x")


@pytest.mark.parametrize("compressed", [False, True])
def test_a_file_with_any_byte_wrong_is_read_or_refused_and_never_crashes(tmp_path, compressed):
    """One that SciPy's reader does not pass: it ends the process."""
    whole, path = mat(compressed, x=np.arange(4.0), text="y", s=structs(Name=["a", "b"], z=[1.0, "w"])), tmp_path / "x"
    for position in range(128, len(whole), 1 if compressed else 2):
        for value in (0, 0xFF):
            path.write_bytes(whole[:position] + bytes([value]) + whole[position + 1 :])
            with contextlib.suppress(RecordingUnreadable):
                reader = LeafReader("x", "matlab5", matlab5.matlab5_leaves(path, "x", Deadline("x", 60)))
                for variable in reader.variables():
                    with contextlib.suppress(RecordingUnreadable):
                        (reader.texts if variable.holds == "text" else reader.vector)(variable.name)


def test_a_bomb_is_not_inflated_beyond_the_bound(opened, monkeypatch):
    monkeypatch.setattr(matlab5, "MAX_CONTENT_BYTES", 1_000_000)
    bomb = zlib.compress(bytes(5_000_000), 9)
    with pytest.raises(RecordingUnreadable, match="more than 1000000 bytes"):
        opened(written(struct.pack("<II", 15, len(bomb)) + bomb))


def test_many_small_elements_count_together(opened, monkeypatch):
    monkeypatch.setattr(matlab5, "MAX_CONTENT_BYTES", 1_000)
    with pytest.raises(RecordingUnreadable, match="more than 1000 bytes"):
        opened(mat(**{f"x{n}": np.ones(20) for n in range(10)}))
