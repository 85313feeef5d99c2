import struct
from pathlib import Path

import numpy as np
import pytest
from libs.recordings.tests.matlab5_files import element, mat, matrix, structs, written
from scipy.io import loadmat

from babbitt.recordings.errors import RecordingUnreadable, VariableNotFound
from babbitt.recordings.readers import matlab5

CWRU = Path(__file__).parents[6] / "shared" / "data" / "cwru"


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
