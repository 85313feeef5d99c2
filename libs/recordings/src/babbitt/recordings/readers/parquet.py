"""Parquet files. For a process of its own: Arrow is a large C++ library."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.readers.leaves import MAX_LEAVES, Index, Leaf


def leaves(path: Path, name: str) -> Iterator[Leaf]:
    """The flat columns, by name and by number. The file stays open.

    Raises:
        RecordingUnreadable: more columns than may be there.
    """
    file = pq.ParquetFile(path)
    fields = list(file.schema_arrow)
    if len(fields) > MAX_LEAVES:
        raise RecordingUnreadable(f"{name}: {len(fields)} columns; at most {MAX_LEAVES} are read")
    for number, field in enumerate(fields, start=1):
        names, shape = (field.name, f"#{number}"), (file.metadata.num_rows,)
        if _is_real(field.type):
            yield Leaf(names, shape, str(field.type), "numbers", partial(_numbers, file, number))
        elif pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            yield Leaf(names, shape, "text", "text", partial(_texts, file, number))
        else:
            yield Leaf(names, shape, str(field.type), "other", partial(_texts, file, number))


def _is_real(type_: Any) -> bool:
    types = pa.types
    return types.is_integer(type_) or types.is_floating(type_) or types.is_decimal(type_) or types.is_boolean(type_)


def _numbers(file: Any, number: int, index: Index) -> NDArray[np.float64]:
    values = _column(file, number)
    if pa.types.is_boolean(values.type):
        values = values.cast(pa.int8())
    return np.asarray(values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False))[index]


def _texts(file: Any, number: int, index: Index) -> NDArray[Any]:
    return np.array([text or "" for text in _column(file, number).to_pylist()], dtype=object)[index]


def _column(file: Any, number: int) -> Any:
    """By its place, from 1: Arrow reads all that a name is for, and what it nests (`a`, a second `a`, `a.b`)."""
    *before, column = file.schema_arrow.names[:number]
    table = file.read(columns=[column], use_threads=False)
    return table.column(table.schema.get_all_field_indices(column)[before.count(column)])
