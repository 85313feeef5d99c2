"""What is kept of a shard's records for the quality report."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ShardQuality:
    """What was measured of a shard's records.

    Attributes:
        statistics: of each record, [records, channels, FIELDS], see `statistics`.
        portraits: spectra of the first channel of some records by their row, see `portraits`.
    """

    statistics: NDArray[np.float32]
    portraits: Mapping[int, NDArray[np.float32]]
