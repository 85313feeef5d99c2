"""The digest that names a record's samples."""

import hashlib

import numpy as np
from numpy.typing import NDArray


def samples_sha256(samples: NDArray[np.float32]) -> str:
    """SHA-256 of the samples as stored: float32, little-endian, C order, without shape.

    Args:
        samples: [channels, samples].
    """
    return hashlib.sha256(np.ascontiguousarray(samples, dtype="<f4").data).hexdigest()
