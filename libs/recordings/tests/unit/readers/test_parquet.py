import io
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.readers import isolated, leaves
from babbitt.recordings.readers import parquet as columns


def written(table, **more):
    stream = io.BytesIO()
    parquet.write_table(table, stream, **more)
    return stream.getvalue()


def test_columns_are_read_by_name_or_number_and_empty_cells_are_gaps(opened):
    table = pa.table({"time": [1, 2, None], "a.b": [1.5, None, 2.5], "run": ["x", None, "y"], "list": [[1.0]] * 3})
    reader = opened(written(table), "a.parquet")
    assert reader.format == "parquet"
    assert [(variable.name, variable.shape) for variable in reader.variables()][:2] == [("time", (3,)), ("a.b", (3,))]
    np.testing.assert_array_equal(reader.vector("time"), [1, 2, np.nan])
    np.testing.assert_array_equal(reader.vector("#2"), [1.5, np.nan, 2.5])
    assert reader.texts("run") == ["x", "", "y"]
    with pytest.raises(RecordingUnreadable, match=r"a\.parquet: variable list holds list<"):
        reader.vector("list")


def test_columns_whose_names_are_the_same_or_nest_are_told_apart_by_their_number(tmp_path):
    path = tmp_path / "a.parquet"
    columns_ = [[1, 2], [7, 8], [{"b": 1}, {"b": 2}], [3, 4], [{"c": 1}, {"c": 2}], ["x", "y"], [5, 6]]
    parquet.write_table(pa.table(columns_, ["a", "a", "c", "c.b", "d", "a", "c"]), path)
    reader = leaves.LeafReader("a.parquet", "parquet", columns.leaves(path, "a.parquet"))
    read = [reader.vector(f"#{number}").tolist() for number in (1, 2, 4, 7)]
    assert read == [[1, 2], [7, 8], [3, 4], [5, 6]]
    assert reader.texts("#6") == ["x", "y"]


def test_a_column_that_unfolds_beyond_all_bounds_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(leaves, "MAX_VALUES", 100_000)
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"x": np.zeros(100_001, np.int8)}), path, compression="zstd")
    assert path.stat().st_size < 1000
    reader = leaves.LeafReader("a.parquet", "parquet", columns.leaves(path, "a.parquet"))
    with pytest.raises(RecordingUnreadable, match=r"a\.parquet: variable x .*100001 values; at most 100000"):
        reader.vector("x")


def test_without_its_library_it_is_told_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, columns.__name__)
    server = isolated._Server("a.parquet")
    said, _ = server.tried(lambda: server.open(Path("a.parquet"), "parquet", 0, 0))
    assert said == {
        "unreadable": "a.parquet: parquet is read where pyarrow is: pip install 'babbitt-recordings[parquet]'"
    }


def test_a_damaged_file_is_refused(opened):
    whole = written(pa.table({"x": np.arange(1000.0)}))
    middle = len(whole) // 2
    for wrong in (whole[:-1], whole[:middle] + bytes(600) + whole[middle + 600 :]):
        with pytest.raises(RecordingUnreadable, match=r"a\.parquet: "):
            opened(wrong, "a.parquet").vector("x")
