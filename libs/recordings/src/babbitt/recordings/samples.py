"""The samples of one channel, out of a file of any kind that an importer knows."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.readers.opening import open_file


@dataclass(frozen=True, slots=True)
class RecordedChannel:
    """One channel of a recording: [samples], finite; its rate where the file itself says it."""

    samples: NDArray[np.float64]
    sampling_rate_hz: float | None


def read_samples(path: Path, name: str, variable: str = "*") -> RecordedChannel:
    """The samples of one channel.

    Args:
        path: where the file lies.
        name: what messages call it.
        variable: name or shell-style pattern, as the README of this library says for each format.

    Raises:
        RecordingUnreadable: no file that is imported, damaged, too large, empty, or with samples that are missing.
    """
    with open_file(path, name) as reader:
        channel = RecordedChannel(reader.vector(variable), reader.sampling_rate_hz)
    if (missing := np.flatnonzero(np.isnan(channel.samples))).size:
        first = f"the first is sample {missing[0]}"
        raise RecordingUnreadable(
            f"{name}: {missing.size} samples are missing or no numbers; {first}; gaps are refused"
        )
    return channel
