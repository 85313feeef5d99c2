"""The digest that names a record's samples."""

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray


def samples_blake3(samples: NDArray[np.float32]) -> str:
    """BLAKE3 of the samples as stored: float32, little-endian, C order, without shape; 64 hexadecimal digits.

    As strong as SHA-256, which takes four times as long, and no collision of either is known.

    Args:
        samples: [channels, samples].
    """
    return blake3(np.ascontiguousarray(samples, dtype="<f4").view(np.uint8)).hexdigest()
