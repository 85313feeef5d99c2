"""Data frames and plots, where pandas and matplotlib are installed: `pip install babbitt-client[frames]`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame


class MissingExtra(ImportError):
    """What a data frame, a plot or an export needs is not installed."""

    def __init__(self, module: str, *, extra: str = "frames") -> None:
        super().__init__(f"{module} is not installed: pip install 'babbitt-client[{extra}]' brings it")


def frame_of(
    rows: Iterable[Mapping[str, object]], index: str | None = None, columns: Sequence[str] = ()
) -> "DataFrame":
    """Rows as a data frame, indexed by one of their columns; without a row it still has `columns`.

    Raises:
        MissingExtra: pandas is not installed.
    """
    try:
        from pandas import DataFrame  # noqa: PLC0415 - only where it is asked for
    except ImportError as error:
        raise MissingExtra("pandas") from error
    found = [dict(row) for row in rows]
    frame = DataFrame(found) if found else DataFrame(columns=list(columns))
    return frame.set_index(index) if index in frame.columns else frame


def axes_for(title: str, axes: "Axes | None" = None) -> "Axes":
    """Axes to draw on: those that are given, or a new figure's.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    try:
        from matplotlib import pyplot as plt  # noqa: PLC0415 - only where it is asked for
    except ImportError as error:
        raise MissingExtra("matplotlib") from error
    if axes is None:
        axes = plt.subplots(layout="constrained")[1]
    axes.set_title(title)
    return axes
