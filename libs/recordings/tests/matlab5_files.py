"""MATLAB 5 files, by SciPy or byte by byte."""

import io
import struct

import numpy as np
from scipy.io import savemat


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
