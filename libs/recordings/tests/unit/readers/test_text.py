import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babbitt.contracts.mappings import TextFormat
from babbitt.recordings.errors import RecordingUnreadable, VariableNotFound
from babbitt.recordings.readers import text as texts
from babbitt.recordings.readers.opening import open_file

NAN = np.nan
LONG = f"0.5{'0' * 400},1.5\n"
"""200 of them are more than the 64 KB that are looked at first."""


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("1.5\n-2\n", {"#1": [1.5, -2]}),
        ("vibration\r\n1.5\r\n-2\r\n", {"vibration": [1.5, -2]}),
        ("\ufeff1.5\n-2", {"#1": [1.5, -2]}),
        ("1.5\r-2\r", {"#1": [1.5, -2]}),
        ("0,1.5\n1,+2.5e-3\n", {"#1": [0, 1], "#2": [1.5, 0.0025]}),
        ("time,left\n0,.5\n1,2.\n", {"time": [0, 1], "left": [0.5, 2]}),
        ("time;left\n0,5;1,25\n1;-2,5E3\n", {"time": [0.5, 1], "left": [1.25, -2500]}),
        ("time\tleft\n0\t1,5\n1\t2\n", {"time": [0, 1], "left": [1.5, 2]}),
        ("acceleration @ DE\n1\n2\n", {"*": [1, 2]}),
        ("0|1\n2|3\n", {"#1": [0, 2], "#2": [1, 3]}),
        ("  0.5   1\n  1.5  -2\n", {"#1": [0.5, 1.5], "#2": [1, -2]}),
        ('"time","a ""b"", c"\n"0","1.5"\n"1","2.5"\n', {"time": [0, 1], 'a "b", c': [1.5, 2.5]}),
        ("a,b\n1,\n,2\nnan,3\n", {"a": [1, NAN, NAN], "b": [NAN, 2, 3]}),
        ("a,b\n1,2\n\n3,4\n", {"a": [1, 3], "b": [2, 4]}),
        ("date,x\n2024-01-01 00:00:00,1.5\n2024-01-01 00:00:01,2\n", {"x": [1.5, 2]}),
        ("Rig 7, run 2\nrate: 1000\ntime;x\ns;g\n0;1,5\n1;2,5\n", {"time": [0, 1], "x": [1.5, 2.5]}),
    ],
)
def test_columns_are_read_however_they_stand(opened, content, columns):
    reader = opened(content.encode())
    assert reader.format == "csv"
    named = [variable.name for variable in reader.variables() if variable.holds == "float64"]
    assert len(named) == len(columns)
    for name, values in columns.items():
        np.testing.assert_array_equal(reader.vector(name), values)


def test_a_column_is_found_by_heading_or_number(opened):
    reader = opened("time,left,lower,left\n0,1,2,3\n1,4,5,6\n".encode("latin-1"))
    np.testing.assert_array_equal(reader.vector("lo*"), [2, 5])
    np.testing.assert_array_equal(reader.vector("#3"), [2, 5])
    np.testing.assert_array_equal(reader.vector("#4"), [3, 6])
    with pytest.raises(VariableNotFound, match="2 variables match 'left'"):
        reader.vector("left")
    with pytest.raises(VariableNotFound, match=r"no variable matches '#5'.*there: time, left, lower, left"):
        reader.vector("#5")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8", "utf-8-sig", "utf-16"])
def test_headings_may_stand_in_any_common_encoding(opened, encoding):
    reader = opened("Zeit;Kraft [µN]\n0;1\n".encode(encoding))
    np.testing.assert_array_equal(reader.vector("Kraft [µN]"), [1])


@pytest.mark.parametrize(
    ("content", "told", "values"),
    [
        ("1,5\n2,5\n", {"decimal": ","}, [1.5, 2.5]),
        ("1,5\n2,5\n", {}, None),
        ("1\n2\n3\n", {"heading": True}, [2, 3]),
        ("1\n2\n3\n", {"skip_lines": 2}, [3]),
        ("1\n2\n3\n", {"skip_lines": 1, "heading": True}, [3]),
        ('"1,5";"2,5"\n"3,5";"4,5"\n', {"delimiter": ";", "decimal": ","}, [1.5, 3.5]),
        ('"1,5","2,5"\n"3,5","4,5"\n', {"delimiter": ",", "decimal": ","}, [1.5, 3.5]),
        ("1:2\n3:4\n", {"delimiter": ":"}, [1, 3]),
    ],
)
def test_what_is_told_is_not_guessed(opened, content, told, values):
    reader = opened(content.encode(), text=TextFormat(**told))
    if values is None:
        assert [variable.name for variable in reader.variables()] == ["#1", "#2"]
        return
    np.testing.assert_array_equal(reader.vector(reader.variables()[0].name), values)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"heading\n", "no columns of numbers"),
        (b"<html>not a recording</html>\n<p>\n", "no columns of numbers"),
        (b"1\nx\n2\n", "line 2 is unlike those before"),
        (b"1,2,3\n4\n5,6,7\n", "line 2 is unlike those before"),
        (b"1\n2\n\x00\n", "no text"),
        (b"\x1f\x8b\x08\x00packed", "no text"),
    ],
)
def test_what_is_no_table_of_numbers_is_refused(opened, content, reason):
    with pytest.raises(RecordingUnreadable, match=rf"x\.csv: .*{reason}"):
        opened(content, "x.csv")


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        ("x,1", r"line 202: 'x' is no number \(column 1\)"),
        ("1_0,1", r"line 202: '1_0' is no number"),
        ("\u0661\u0662,1", "line 202: '\u0661\u0662' is no number"),
        ("", None),
        ("1", "line 202 has 1 cells, 2 are read"),
        ("1,23,4", "line 202 has 3 cells, 2 are read"),
        ("0.5,1.50.5,1.5", "line 202 has 3 cells, 2 are read"),
        ('"1,1', "unexpected end|line 202"),
        ("1," * 200_000, "line 202 has over 262143 characters"),
    ],
)
def test_a_line_far_down_that_is_wrong_is_told_by_its_number(opened, last, reason):
    reader = opened(("a,b\n" + LONG * 200 + last).encode())
    if reason is None:
        assert reader.vector("b").size == 200
        return
    with pytest.raises(RecordingUnreadable, match=reason):
        reader.vector("b" if last == "1" else "a")


def test_decimal_points_amid_commas_are_no_numbers_far_down_either(opened):
    reader = opened((LONG.replace(",", ";").replace(".", ",") * 200 + "1,5;1.5\n").encode())
    np.testing.assert_array_equal(reader.vector("#1")[[0, -1]], [0.5, 1.5])
    with pytest.raises(RecordingUnreadable, match=r"line 201: '1\.5' is no number"):
        reader.vector("#2")


def test_a_line_with_more_cells_is_told_beside_columns_of_text_and_between_blanks_too(opened):
    for line, wrong in (
        (LONG.replace("0.5", "08:00,0.5").replace(",1.5", ""), "08:01,1,5\n"),
        (LONG.replace(",", " "), "1 2 5\n"),
    ):
        with pytest.raises(RecordingUnreadable, match="line 201 has 3 cells, 2 are read"):
            opened((line * 200 + wrong).encode()).vector("#2")


def test_a_file_is_read_once_for_all_its_columns(tmp_path, ends_after):
    path = tmp_path / "x.csv"
    for content in (b"1,2,3\n" * 1000, f"1,{LONG}".encode() * 200 + b"x,2,3\n"):
        path.write_bytes(content)
        deadline = ends_after(10_000)
        leaves = texts.text_leaves(path, "x.csv", None, deadline)
        leaves[1].read((slice(None),))
        looks = deadline.looks
        leaves[2].read((slice(None),))
        assert deadline.looks == looks > 0


@pytest.mark.parametrize("wrong", ["", "x,2\n"])
def test_reading_that_takes_too_long_ends(tmp_path, ends_after, wrong):
    """At once or, where a cell is wrong, cell by cell."""
    path = tmp_path / "x.csv"
    line = "1.00000000,2.00000000\n"
    path.write_text(line * 4000 + wrong + line * 20_000)
    looks = 2 * 41 + 200 if wrong else 200
    column = texts.text_leaves(path, "x.csv", None, ends_after(looks))[1]
    with pytest.raises(RecordingUnreadable, match="x: reading it took over"):
        column.read((slice(None),))


def test_what_comes_before_the_numbers_may_take_most_of_the_first_64_kb(opened):
    headings = [f"sensor {number} [m/s2]" for number in range(300)]
    wide = opened((",".join(headings) + "\n" + (",".join(["1.5"] * 300) + "\n") * 5).encode())
    assert [variable.name for variable in wide.variables()] == headings
    preamble = "".join(f"note {number}: the rig was warm, the wind weak, and the mood good\n" for number in range(150))
    told = opened(f"{preamble}left\n1\n2\n".encode(), text=TextFormat(skip_lines=150))
    np.testing.assert_array_equal(told.vector("left"), [1, 2])


def test_a_text_in_another_column_harms_nothing(opened):
    reader = opened(("a,b\n" + LONG * 200 + "broken,2.5\n").encode())
    assert reader.vector("b")[-1] == 2.5


def test_more_numbers_than_fit_are_refused(opened, monkeypatch):
    monkeypatch.setattr(texts, "MAX_VALUES", 10)
    for content in (b"1\n" * 11, b"1,2\n" * 6, b"a;b\n" + b"1,5;2\n" * 11):
        with pytest.raises(RecordingUnreadable, match=r"x: more than \d+ lines; 10 numbers are read at once"):
            opened(content).vector("#1")


def test_blanks_without_end_take_no_time_without_end(opened):
    with pytest.raises(RecordingUnreadable, match="no columns of numbers"):
        opened(b"1\n" + b" " * 60_000 + b"x\n")


def test_a_line_of_very_many_columns_is_refused(opened):
    with pytest.raises(RecordingUnreadable, match="10001 columns; at most 10000"):
        opened(b",".join([b"1"] * 10_001) + b"\n")


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(st.floats(allow_infinity=False) | st.none(), min_size=2, max_size=2), min_size=1),
    st.sampled_from([(",", "."), (";", ","), ("\t", "."), ("\t", ","), ("|", ".")]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_numbers_come_back_as_they_were_written(tmp_path_factory, rows, marks, end):
    delimiter, decimal = marks
    cells = [["" if value is None else repr(value).replace(".", decimal) for value in row] for row in rows]
    content = "a" + delimiter + "b" + end + "".join(delimiter.join(row) + end for row in [["0", "0"], *cells])
    path = tmp_path_factory.getbasetemp() / "numbers.csv"
    path.write_bytes(content.encode())
    told = TextFormat(delimiter=delimiter, decimal=decimal)
    with open_file(path, "x", told) as reader:
        for column, name in enumerate("ab"):
            wanted = [0.0, *(NAN if row[column] is None else row[column] for row in rows)]
            np.testing.assert_array_equal(reader.vector(name), wanted)
