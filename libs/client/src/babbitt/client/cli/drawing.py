"""Curves in a terminal, of braille characters: each has two columns of four dots."""

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

type Values = NDArray[np.floating] | NDArray[np.integer]
type Run = tuple[Values, Values]

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Bits of the dots of a braille character: two columns, from the top."""
_BLANK = 0x2800
_FINE = 8
"""So many pieces of a curve fall into each column of dots."""
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


def curves(runs: Sequence[Run], *, columns: int, rows: int) -> list[str]:
    """The lines of curves over one another, on one scale; each goes straight from value to value.

    Args:
        runs: places from 1 up and the finite values there, [values] each; the one that goes farthest fills the width.
        columns: characters of a line.
        rows: lines.
    """
    all_values = np.concatenate([values for _, values in runs])
    least, most = float(all_values.min()), float(all_values.max())
    farthest = max(places[-1] for places, _ in runs)
    cells = np.zeros((rows, columns), np.int64)
    for places, values in runs:
        dots = max(2, round(2 * columns * places[-1] / farthest))
        drawn = _cells(*_way(places, values, dots), least, most, rows)
        cells[:, : drawn.shape[1]] |= drawn
    return _lines(cells)


def _way(places: Values, values: Values, dots: int) -> tuple[Values, Values]:
    """From where to where a curve goes within each column of dots, both edges included."""
    fine = np.interp(np.linspace(places[0], places[-1], dots * _FINE + 1), places, values)
    within = sliding_window_view(fine, _FINE + 1)[::_FINE]
    return within.min(axis=1), within.max(axis=1)


def _starts(size: int, columns: int) -> NDArray[np.intp]:
    """Where each column of dots begins, of so many values."""
    dots = min(2 * columns, size)
    return np.arange(dots) * size // dots


def _drawn(low: Values, high: Values, least: float, most: float, rows: int) -> list[str]:
    """Lines in which each column of dots reaches from `low` to `high`, on a scale from `least` to `most`."""
    return _lines(_cells(low, high, least, most, rows))


def _cells(low: Values, high: Values, least: float, most: float, rows: int) -> NDArray[np.int64]:
    """The dots of such lines: [rows, characters]."""
    dots = 4 * rows
    scale = (dots - 1) / ((most - least) or 1.0)
    tops, bottoms = (np.rint((most - edge) * scale).astype(int) for edge in (high, low))
    cells = np.zeros((rows, (low.size + 1) // 2), np.int64)
    for column, (top, bottom) in enumerate(zip(tops, bottoms, strict=True)):
        for dot in range(top, bottom + 1):
            cells[dot // 4, column // 2] |= _DOTS[column % 2][dot % 4]
    return cells


def _lines(cells: NDArray[np.int64]) -> list[str]:
    return ["".join(map(chr, row)) for row in _BLANK + cells]
