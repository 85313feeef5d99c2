"""Measures the records of a shard while they are made, for the quality report."""

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.splits import SPLITS
from babbitt.signals.domain.quality.measured import ShardQuality
from babbitt.signals.domain.quality.portraits import portrait
from babbitt.signals.domain.quality.statistics import FIELDS, measure
from babbitt.signals.domain.records import Waveform


class Measuring:
    """Measures records one after another, in the order of their rows; the first of each class is portrayed.

    Args:
        sampling_rate_hz, channels: of all of them.
    """

    def __init__(self, sampling_rate_hz: float, channels: int = 1) -> None:
        self._sampling_rate_hz, self._channels = sampling_rate_hz, channels
        self._statistics: list[NDArray[np.float32]] = []
        self._portraits: dict[int, NDArray[np.float32]] = {}
        self._portrayed: set[str] = set()

    def add(self, waveform: Waveform) -> None:
        """Measure the next record."""
        is_original = waveform.place is None or waveform.place in SPLITS
        if is_original and waveform.label not in self._portrayed:
            self._portrayed.add(waveform.label)
            self._portraits[len(self._statistics)] = portrait(waveform.samples[0], self._sampling_rate_hz)
        self._statistics.append(measure(waveform.samples))

    def result(self) -> ShardQuality:
        """What was measured; a shard without records has its channels, too."""
        statistics = np.array(self._statistics, np.float32).reshape(-1, self._channels, FIELDS)
        return ShardQuality(statistics, self._portraits)
