"""Curves in a terminal, of braille characters: each has two columns of four dots."""

import numpy as np
from numpy.typing import NDArray

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Bits of the dots of a braille character: two columns, from the top."""
_BLANK = 0x2800
LOWEST_DB = -80.0
"""Of a spectrum under its highest line: below it is nothing that a terminal shows."""


def waveform(samples: NDArray[np.float32], *, columns: int, rows: int) -> list[str]:
    """The lines of a waveform: from the least to the greatest value of what falls into each column of dots.

    Args:
        samples: [samples], finite.
        columns: characters of a line.
        rows: lines.
    """
    starts = _starts(samples.size, columns)
    low, high = np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)
    return _drawn(low, high, float(low.min()), float(high.max()), rows)


def spectrum(samples: NDArray[np.float32], *, columns: int, rows: int) -> list[str]:
    """The lines of an amplitude spectrum in dB under its highest line, from 0 Hz to half the sampling rate.

    Args:
        samples: [samples], at least 2.
        columns: characters of a line.
        rows: lines.
    """
    lines = np.abs(np.fft.rfft((samples - samples.mean()) * np.hanning(samples.size)))
    level_db = 20 * np.log10(np.maximum(lines / max(float(lines.max()), 1e-30), 10 ** (LOWEST_DB / 20)))
    high = np.maximum.reduceat(level_db, _starts(level_db.size, columns))
    return _drawn(np.full(high.shape, LOWEST_DB), high, LOWEST_DB, 0.0, rows)


def _starts(size: int, columns: int) -> NDArray[np.intp]:
    """Where each column of dots begins, of so many values."""
    dots = min(2 * columns, size)
    return np.arange(dots) * size // dots


def _drawn(low: NDArray[np.floating], high: NDArray[np.floating], least: float, most: float, rows: int) -> list[str]:
    """Lines in which each column of dots reaches from `low` to `high`, on a scale from `least` to `most`."""
    dots = 4 * rows
    scale = (dots - 1) / ((most - least) or 1.0)
    tops, bottoms = (np.rint((most - edge) * scale).astype(int) for edge in (high, low))
    cells = np.full((rows, (low.size + 1) // 2), _BLANK)
    for column, (top, bottom) in enumerate(zip(tops, bottoms, strict=True)):
        for dot in range(top, bottom + 1):
            cells[dot // 4, column // 2] |= _DOTS[column % 2][dot % 4]
    return ["".join(map(chr, row)) for row in cells]
