"""The one style of all figures: 300 dpi, colours that the colour-blind tell apart, equal bytes for equal numbers."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from babbitt.contracts.figure_style import COLOURS, SHADES, STYLE

__all__ = ["COLOURS", "DPI", "MARKERS", "SHADES", "figure", "shares"]

DPI = 300
MARKERS = "osD^vPX"

_STYLE: dict[Any, Any] = {**STYLE, "figure.dpi": DPI, "savefig.dpi": DPI}


@contextmanager
def figure(path: Path, title: str, *, width_in: float = 4.5, height_in: float = 3.2) -> Generator[Axes]:
    """One pair of axes; what is drawn on them is a PNG file at `path` afterwards."""
    with mpl.rc_context(_STYLE):
        page = Figure(figsize=(width_in, height_in), layout="constrained")
        FigureCanvasAgg(page)
        axes = page.add_subplot()
        axes.set_title(title)
        yield axes
        page.savefig(path, format="png", metadata={"Software": None})


def shares(axes: Axes, *, low: float = 0.0) -> None:
    """The vertical axis is a share, from `low` to 1."""
    axes.set_ylim(low, 1.02)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
