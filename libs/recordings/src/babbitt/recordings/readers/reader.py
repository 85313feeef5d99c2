"""What one file of any format holds, in one way for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

type Format = Literal["matlab5", "matlab73", "hdf5", "csv", "wav", "npy", "npz", "parquet"]
"""`csv` stands for all tables of text."""


@dataclass(frozen=True, slots=True)
class Variable:
    """Something that a file holds.

    Attributes:
        name: as `variable` of a mapping would address it.
        shape: as the file's own tools show it: MATLAB's order for MATLAB files.
        holds: `float64`, `int16`, `text`, or in words what is not read.
    """

    name: str
    shape: tuple[int, ...]
    holds: str


class RecordingReader(Protocol):
    """An open file. How a variable is named in each format stands in this library's README.

    A `variable` is a name or a shell-style pattern that exactly one variable matches. All methods raise
    VariableNotFound where none or several do, and RecordingUnreadable where the file is damaged, out of bounds, or
    holds something else there than what was asked for; both name the file.
    """

    @property
    def format(self) -> Format: ...

    @property
    def sampling_rate_hz(self) -> float | None:
        """Where the file itself says it: WAV."""
        ...

    def variables(self) -> Sequence[Variable]:
        """What there is, in the file's order."""
        ...

    def vector(self, variable: str) -> NDArray[np.float64]:
        """Real numbers in one dimension, a single one included: [samples], NaN where samples are missing."""
        ...

    def texts(self, variable: str, start: int = 0, stop: int | None = None) -> Sequence[str]:
        """Text, or a vector of texts; from `start` up to `stop` where only those are wanted."""
        ...

    def rows(self, variable: str, start: int, stop: int) -> NDArray[np.float64]:
        """Some rows of a matrix of real numbers, without reading the others: [stop - start, columns]."""
        ...
