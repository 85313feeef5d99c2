"""Datasets of HDF5 files as leaves: which may be read, and how."""

import math
from dataclasses import replace
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from babbitt.recordings.readers.leaves import Index, Leaf

MAX_CHUNK_BYTES = 64 * 1024 * 1024
"""HDF5 takes a chunk as a whole."""
_FILTERS = {
    h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32, h5py.h5z.FILTER_SZIP,
    h5py.h5z.FILTER_NBIT, h5py.h5z.FILTER_SCALEOFFSET, h5py.h5z.FILTER_LZF,
}  # fmt: skip


def dataset_leaf(names: tuple[str, ...], dataset: h5py.Dataset) -> Leaf:
    """Real numbers or texts; what would lead out of the file, or out of bounds, is named and not read."""
    if reason := _refused(dataset):
        return other_leaf(names, reason)
    shape: tuple[int, ...] | None = dataset.shape
    if shape is None:
        return other_leaf(names, "nothing")
    if dataset.dtype.kind in "iufb":
        return Leaf(names, shape, dataset.dtype.name, "numbers", lambda index: np.asarray(dataset[index]))
    if h5py.check_string_dtype(dataset.dtype):
        return Leaf(names, shape, "text", "text", lambda index: _texts(dataset, index))
    return other_leaf(names, str(dataset.dtype), shape)


def attribute_leaf(names: tuple[str, ...], attributes: h5py.AttributeManager, attribute: str) -> Leaf:
    """Real numbers or texts beside the data."""
    stored = attributes.get_id(attribute)
    shape: tuple[int, ...] | None = stored.shape
    if shape is None:
        return replace(other_leaf(names, "nothing"), is_attribute=True)
    if stored.dtype.kind in "iufb":
        return Leaf(
            names, shape, stored.dtype.name, "numbers", lambda index: np.asarray(attributes[attribute])[index], True
        )
    if h5py.check_string_dtype(stored.dtype):
        return Leaf(names, shape, "text", "text", lambda index: _decoded(attributes[attribute], index), True)
    return replace(other_leaf(names, str(stored.dtype), shape), is_attribute=True)


def other_leaf(names: tuple[str, ...], holds: str, shape: tuple[int, ...] = ()) -> Leaf:
    """What is not read."""
    return Leaf(names, shape, holds, "other", lambda _: np.empty(0))


def _texts(dataset: h5py.Dataset, index: Index) -> NDArray[Any]:
    return np.asarray(dataset.asstr("utf-8", "replace")[index], dtype=object)


def _decoded(value: Any, index: Index) -> NDArray[Any]:
    texts = np.asarray(np.asarray(value, dtype=object)[index], dtype=object)
    decoded = [text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text) for text in texts.reshape(-1)]
    return np.array(decoded, dtype=object).reshape(texts.shape)


def _refused(dataset: h5py.Dataset) -> str | None:
    """What is wrong with how the values are stored, if anything. A virtual dataset asked for its shape opens files."""
    stored = dataset.id.get_create_plist()
    if stored.get_layout() == h5py.h5d.VIRTUAL:
        return "values of other datasets (virtual)"
    if stored.get_external_count():
        return "values of other files (external storage)"
    for number in range(stored.get_nfilters()):
        code, *_, called = stored.get_filter(number)
        if code not in _FILTERS:
            return f"values behind the filter {code} ({called.decode(errors='replace')}), which is none of HDF5's own"
    if dataset.chunks and math.prod(dataset.chunks) * dataset.dtype.itemsize > MAX_CHUNK_BYTES:
        return f"values in chunks of over {MAX_CHUNK_BYTES} bytes"
    return None
