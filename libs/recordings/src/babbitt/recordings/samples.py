"""The samples of one channel, out of a file of any kind that an importer knows."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.readers.opening import open_file


def read_samples(path: Path, name: str, variable: str = "*") -> NDArray[np.float64]:
    """The samples of one channel: [samples], finite.

    Args:
        path: where the file lies.
        name: what messages call it.
        variable: name or shell-style pattern, as the README of this library says for each format.

    Raises:
        RecordingUnreadable: no file that is imported, damaged, too large, empty, or with samples that are missing.
    """
    with open_file(path, name) as reader:
        samples = reader.vector(variable)
    if (missing := np.flatnonzero(np.isnan(samples))).size:
        first = f"the first is sample {missing[0]}"
        raise RecordingUnreadable(
            f"{name}: {missing.size} samples are missing or no numbers; {first}; gaps are refused"
        )
    return samples
