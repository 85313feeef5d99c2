"""The figures of the page, as what an SVG drawing needs: paths, ticks, and a sentence for who cannot see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.quality import Distribution, Portrait, QualityReport, Spectra

WIDTH, HEIGHT = 300, 130
"""Of one drawing, in its own units; the page scales it."""

_DECIBELS_SHOWN = 90.0
_DECIBELS_A_TICK = 30
_KILO = 1000


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of an axis: where it is, and what stands there."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lines over two axes.

    Attributes:
        title: what it shows.
        description: what is to be seen.
        paths: of the lines, in SVG's words.
        across, up: marks of the axes.
    """

    title: str
    description: str
    paths: tuple[str, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """The distribution of one class: five quantiles, as places on the axis and as text."""

    label: str
    places: tuple[float, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Boxes:
    """The distributions of a statistic in all classes, over one axis."""

    title: str
    boxes: tuple[Box, ...]
    across: tuple[Tick, ...]


def spectra_by_class(report: QualityReport) -> tuple[tuple[str, str, Drawing, Drawing], ...]:
    """Of each class which records were portrayed, and their spectra and envelope spectra; all on the same scales."""
    spectra = report.spectra
    if spectra is None or not spectra.portraits:
        return ()
    labels = dict.fromkeys(portrait.label for portrait in spectra.portraits)
    tops = [
        ceil(max(max(getattr(portrait, name)) for portrait in spectra.portraits) / 10) * 10.0
        for name in ("spectrum_db", "envelope_db")
    ]
    held = ((label, [one for one in spectra.portraits if one.label == label]) for label in labels)
    return tuple(
        (
            label,
            ", ".join(map(_portrayed, ones)),
            _spectrum(ones, spectra, tops[0]),
            _envelope(ones, spectra, tops[1]),
        )
        for label, ones in held
    )


def boxes_of(report: QualityReport, statistic: str, title: str) -> tuple[Boxes, ...]:
    """A statistic's distributions by class; one drawing a channel, logarithmic where all is above zero, and none where
    all is zero.
    """
    of_statistic = [one for one in report.distributions if one.statistic == statistic]
    channels = dict.fromkeys(one.channel for one in of_statistic)
    drawn = ((channel, [one for one in of_statistic if one.channel == channel]) for channel in channels)
    return tuple(
        _boxes(held, title if len(channels) == 1 else f"{title}, channel {channel}")
        for channel, held in drawn
        if any(any(one.quantiles) for one in held)
    )


def number(value: float) -> str:
    """Three significant digits, or all of those before the point."""
    return f"{value:.0f}" if _KILO <= abs(value) < _KILO**2 else f"{value:.3g}"


def hertz(value: float) -> str:
    """A frequency: `250`, `2k`."""
    return f"{value / _KILO:g}k" if value >= _KILO else f"{value:g}"


def _portrayed(portrait: Portrait) -> str:
    shaft = f" (shaft at {number(portrait.shaft_speed_hz)} Hz)" if portrait.shaft_speed_hz else ""
    return f"{portrait.record}{shaft}"


def _spectrum(portraits: Sequence[Portrait], spectra: Spectra, top: float) -> Drawing:
    axis = np.log10(spectra.spectrum_hz)
    decades = [10**power for power in range(ceil(axis[0]), floor(axis[-1]) + 1)]
    across = tuple(Tick(_place(log10(decade), axis[0], axis[-1]), hertz(decade)) for decade in decades)
    return _drawing("Spectrum", portraits, "spectrum_db", axis, spectra.spectrum_hz, across, top)


def _envelope(portraits: Sequence[Portrait], spectra: Spectra, top: float) -> Drawing:
    axis = np.array(spectra.envelope_hz)
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200) if axis[-1] / step <= 6)  # noqa: PLR2004 - marks
    marks = np.arange(0, axis[-1] + step / 2, step).tolist()
    across = tuple(Tick(_place(mark, 0, axis[-1]), hertz(mark)) for mark in marks)
    return _drawing("Envelope spectrum", portraits, "envelope_db", axis, spectra.envelope_hz, across, top, start=0.0)


def _drawing(
    title: str,
    portraits: Sequence[Portrait],
    name: str,
    axis: NDArray[np.float64],
    frequencies: Sequence[float],
    across: tuple[Tick, ...],
    top: float,
    *,
    start: float | None = None,
) -> Drawing:
    first = axis[0] if start is None else start
    columns = (axis - first) / (axis[-1] - first) * WIDTH
    lines = [np.array(getattr(portrait, name)) for portrait in portraits]
    strongest = ", ".join(hertz(round(frequencies[int(line.argmax())], 1)) for line in lines)
    records = "record" if len(lines) == 1 else "records"
    return Drawing(
        title=title,
        description=f"{title} of {len(lines)} {records}; strongest at {strongest} Hz.",
        paths=tuple(_path(columns, np.clip((top - line) / _DECIBELS_SHOWN, 0, 1) * HEIGHT) for line in lines),
        across=across,
        up=tuple(
            Tick(below / _DECIBELS_SHOWN * HEIGHT, f"{top - below:g}")
            for below in range(0, int(_DECIBELS_SHOWN) + 1, _DECIBELS_A_TICK)
        ),
    )


def _boxes(held: Sequence[Distribution], title: str) -> Boxes:
    low, high = min(one.quantiles[0] for one in held), max(one.quantiles[-1] for one in held)
    logarithmic = low > 0 and high / low > 3  # noqa: PLR2004 - less than half a decade needs no logarithm
    scaled = log10 if logarithmic else float
    first, last = scaled(low), scaled(high)
    margin = (last - first or abs(last) or 1.0) * 0.04
    first, last = first - margin, last + margin
    boxes = tuple(
        Box(
            label=one.label,
            places=tuple(_place(scaled(quantile), first, last) for quantile in one.quantiles),
            texts=tuple(map(number, one.quantiles)),
        )
        for one in held
    )
    marks = np.linspace(first + margin, last - margin, 4).tolist()
    values = [10**mark if logarithmic else mark for mark in marks]
    return Boxes(
        title,
        boxes,
        tuple(Tick(_place(mark, first, last), number(value)) for mark, value in zip(marks, values, strict=True)),
    )


def _place(value: float, first: float, last: float) -> float:
    return round((value - first) / (last - first) * WIDTH, 1)


def _path(columns: NDArray[np.float64], rows: NDArray[np.float64]) -> str:
    return "M" + " ".join(f"{x:.1f} {y:.1f}" for x, y in zip(columns.tolist(), rows.tolist(), strict=True))
