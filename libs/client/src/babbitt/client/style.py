"""Plots that look as Babbitt's own figures do."""

from typing import Any

from babbitt.client.frames import MissingExtra
from babbitt.contracts.figure_style import COLOURS, STYLE

_STYLE: dict[Any, Any] = {
    **STYLE,
    "axes.prop_cycle": f"cycler('color', {list(COLOURS)})",
    "figure.figsize": (4.5, 3.2),
}


def use_style() -> None:
    """Let matplotlib draw all that follows in the one style: what `.plot()` draws, and what you draw beside it.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    try:
        from matplotlib import pyplot as plt  # noqa: PLC0415 - only where it is asked for
    except ImportError as error:
        raise MissingExtra("matplotlib") from error
    plt.rcParams.update(_STYLE)
