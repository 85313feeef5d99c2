import contextlib
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from babbitt.recordings.errors import RecordingUnreadable, VariableNotFound
from babbitt.recordings.readers import matlab5
from babbitt.recordings.readers.deadline import Deadline
from babbitt.recordings.readers.leaves import LeafReader

CWRU = Path(__file__).parents[6] / "shared" / "data" / "cwru"


def mat(compressed=False, **variables):
    stream = io.BytesIO()
    savemat(stream, variables, do_compression=compressed)
    return stream.getvalue()


def structs(*fields, **columns):
    """[1, n] structs with these fields."""
    array = np.zeros((1, len(next(iter(columns.values())))), dtype=[(name, "O") for name in columns])
    for name, values in columns.items():
        for index, value in enumerate(values):
            array[name][0, index] = value
    return array


def element(order, kind, data):
    return struct.pack(f"{order}II", kind, len(data)) + data + bytes(-len(data) % 8)


def matrix(kind, shape, *content, name=b"x", order="<"):
    """A variable of this class; `content` follows its name."""
    flags = element(order, 6, struct.pack(f"{order}II", kind, 0))
    dimensions = element(order, 5, struct.pack(f"{order}{len(shape)}i", *shape))
    return element(order, 14, flags + dimensions + element(order, 1, name) + b"".join(content))


def written(*matrices, order="<"):
    mark = b"\x00\x01IM" if order == "<" else b"\x01\x00MI"
    return b"MATLAB 5.0 MAT-file".ljust(124) + mark + b"".join(matrices)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int16, np.uint8])
@pytest.mark.parametrize("shape", [(5, 1), (1, 5)])
def test_a_vector_is_found_by_pattern(opened, compressed, dtype, shape):
    reader = opened(mat(compressed, X105_DE_time=np.arange(5, dtype=dtype).reshape(shape), X105RPM=1797))
    assert reader.format == "matlab5"
    np.testing.assert_array_equal(reader.vector("X*_DE_time"), np.arange(5.0))
    np.testing.assert_array_equal(reader.vector("X*RPM"), [1797.0])


def test_a_variable_that_is_missing_is_told_with_those_that_are_there(opened):
    reader = opened(mat(X105_DE_time=np.ones(5), X105RPM=1797), "105.mat")
    with pytest.raises(VariableNotFound, match=r"105\.mat: no variable matches 'Y\*'.*there: X105_DE_time, X105RPM"):
        reader.vector("Y*")


def test_a_pattern_that_matches_twice_is_refused_with_both_names(opened):
    with pytest.raises(VariableNotFound, match=r"2 variables match .* there: a_time, b_time"):
        opened(mat(a_time=np.ones(5), b_time=np.ones(5), c=1)).vector("*_time")


def test_an_element_of_an_array_of_structs_is_found_by_its_name_or_its_index(opened):
    """As the University of Paderborn publishes its recordings."""
    channels = structs(
        Name=["force", "speed", "vibration_1"],
        Data=[np.zeros((1, 4)), np.full((1, 4), 1500.0), np.arange(8.0).reshape(1, 8)],
    )
    reader = opened(mat(N15_M07_F10_KA01_1={"Info": {"Bearing": "KA01"}, "X": structs(Name=["t"]), "Y": channels}))
    for variable in ("*.Y[vibration_1].Data", "N15_M07_F10_KA01_1.Y[2].Data", "*.Y[vib*].Data"):
        np.testing.assert_array_equal(reader.vector(variable), np.arange(8.0))
    assert reader.texts("*.Info.Bearing") == ["KA01"]
    assert "N15_M07_F10_KA01_1.Y[speed].Data" in [variable.name for variable in reader.variables()]
    with pytest.raises(VariableNotFound, match=r"no variable matches '\*\.Y\[vibration_2\]\.Data'"):
        reader.vector("*.Y[vibration_2].Data")


def test_elements_with_the_same_name_are_told_apart_by_their_index(opened):
    reader = opened(mat(y=structs(Name=["a", "a"], Data=[1.0, 2.0])))
    assert [variable.name for variable in reader.variables()] == ["y[0].Name", "y[0].Data", "y[1].Name", "y[1].Data"]


def test_a_text_too_long_for_a_name_names_nothing(opened):
    reader = opened(mat(y=structs(Name=["a" * 300, "b"], Data=[1.0, 2.0])))
    assert [variable.name for variable in reader.variables()][1::2] == ["y[0].Data", "y[b].Data"]


def test_a_walk_that_takes_too_long_ends(tmp_path, ends_after):
    path = tmp_path / "x.mat"
    path.write_bytes(mat(**{f"x{n}": 1.0 for n in range(10)}))
    assert len(matlab5.matlab5_leaves(path, "x.mat", ends_after(10))) == 10
    with pytest.raises(RecordingUnreadable, match="x: reading it took over"):
        matlab5.matlab5_leaves(path, "x.mat", ends_after(9))


def test_a_struct_says_more_than_samples(opened):
    """As the Society for Machinery Failure Prevention Technology publishes its recordings."""
    reader = opened(mat(bearing={"gs": np.arange(6.0)[:, None], "sr": 97656, "rate": 25, "load": 270}))
    np.testing.assert_array_equal(reader.vector("bearing.gs"), np.arange(6.0))
    np.testing.assert_array_equal(reader.vector("*.sr"), [97656.0])
    np.testing.assert_array_equal(reader.vector("bearing.rate"), [25.0])


def test_brackets_are_a_set_of_characters_where_no_element_is_called_so(opened):
    reader = opened(mat(X105=np.arange(3.0), Y=1.0))
    np.testing.assert_array_equal(reader.vector("X10[0-9]"), np.arange(3.0))


def test_cells_are_counted_from_0(opened):
    cells = np.empty((1, 2), dtype=object)
    cells[0, 0], cells[0, 1] = np.arange(3.0), {"inner": np.arange(4.0)}
    reader = opened(mat(runs=cells))
    np.testing.assert_array_equal(reader.vector("runs[0]"), np.arange(3.0))
    np.testing.assert_array_equal(reader.vector("runs[1].inner"), np.arange(4.0))


def test_one_channel_of_a_matrix_lies_along_its_shorter_axis(opened):
    values = np.arange(10.0).reshape(5, 2)
    reader = opened(mat(tall=values, wide=values.T))
    for name in ("tall", "wide"):
        np.testing.assert_array_equal(reader.vector(f"{name}#2"), values[:, 1])
    np.testing.assert_array_equal(reader.rows("tall", 1, 3), values[1:3])
    with pytest.raises(RecordingUnreadable, match=r"tall holds float64 of shape \(5, 2\); .*one channel: 'tall#1'"):
        reader.vector("tall")
    for channel in ("tall#3", "tall#0"):
        with pytest.raises(RecordingUnreadable, match="it has no channel"):
            reader.vector(channel)


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        (np.ones((0, 0)), r"float64 of shape \(0, 0\)"),
        (np.ones((2, 3, 4)), r"float64 of shape \(2, 3, 4\)"),
        (np.ones(4) * 1j, "complex numbers"),
        ("some text", "text"),
    ],
)
def test_what_is_no_vector_of_real_numbers_is_refused(opened, value, holds):
    with pytest.raises(RecordingUnreadable, match=rf"x\.mat: variable x holds {holds}"):
        opened(mat(x=value), "x.mat").vector("x")


def test_infinity_is_no_sample_and_nan_is_a_missing_one(opened):
    reader = opened(mat(gap=np.array([1.0, np.nan]), infinite=np.array([1.0, 2.0, -np.inf])))
    np.testing.assert_array_equal(reader.vector("gap"), [1.0, np.nan])
    with pytest.raises(RecordingUnreadable, match="sample 2 of variable infinite is infinite"):
        reader.vector("infinite")


def test_a_file_written_on_a_big_endian_machine_is_read(opened):
    content = written(matrix(6, (3, 1), element(">", 9, struct.pack(">3d", 1, 2, 3)), order=">"), order=">")
    np.testing.assert_array_equal(opened(content).vector("x"), [1.0, 2.0, 3.0])


def test_what_only_matlab_reads_stands_beside_samples_without_harm(opened):
    parts = b"".join(element("<", 1, text) for text in (b"when", b"MCOS", b"datetime"))
    handle = matrix(13, (6, 1), element("<", 6, bytes(24)), name=b"")
    opaque = element("<", 14, element("<", 6, struct.pack("<II", 17, 0)) + parts + handle)
    samples = matrix(6, (2, 1), element("<", 9, struct.pack("<2d", 1, 2)))
    of_objects = matrix(9, (8, 1), element("<", 2, bytes(8)), name=b"")
    reader = opened(written(opaque, samples, of_objects))
    np.testing.assert_array_equal(reader.vector("*"), [1, 2])
    with pytest.raises(RecordingUnreadable, match="variable when holds object"):
        reader.vector("when")


@pytest.mark.skipif(
    not CWRU.is_dir(), reason="the real recordings are not in ../shared/data/cwru beside the repository"
)
def test_the_real_recordings_are_read_as_scipy_reads_them(opened):
    for path in sorted(CWRU.glob("*.mat")):
        reader = opened(path)
        for name, values in loadmat(path).items():
            if not name.startswith("__"):
                np.testing.assert_array_equal(reader.vector(name), values.ravel())


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
