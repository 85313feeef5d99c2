"""Curves with fewer points, of the same shape: largest triangles in buckets (Steinarsson, 2013, section 4.2).

All series of a run are thinned at once, so that an epoch keeps all that was told of it.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Protocol

import numpy as np
import numpy.typing as npt

type Series = npt.NDArray[np.float64]

FEWEST = 3
MOST_IN_ALL = 10_000
"""Epochs of a job that are told at once, however many runs it has."""


class Point(Protocol):
    """What of an epoch its place on the curves follows from."""

    @property
    def run(self) -> int: ...
    @property
    def epoch(self) -> int: ...
    @property
    def train_loss(self) -> float: ...
    @property
    def validation_loss(self) -> float | None: ...
    @property
    def validation_accuracy(self) -> float | None: ...


def thinned[P: Point](epochs: Sequence[P], points: int) -> list[P]:
    """At most `points` epochs of each run, and `MOST_IN_ALL`: those that show its losses and its accuracy best.

    Args:
        epochs: run by run, in order.
        points: 3 at least.
    """
    runs = [list(each) for _, each in groupby(epochs, key=lambda epoch: epoch.run)]
    points = max(FEWEST, min(points, MOST_IN_ALL // max(1, len(runs))))
    kept: list[P] = []
    for run in runs:
        kept += run if len(run) <= points else [run[place] for place in _places(_series(run), points)]
    return kept


def _series(run: Sequence[Point]) -> Series:
    """Epochs, losses and accuracy of a run, each scaled to a range of 1: [series, epoch]."""
    told = [(one.epoch, one.train_loss, one.validation_loss, one.validation_accuracy) for one in run]
    series = np.nan_to_num(np.array(told, np.float64).T)
    least, most = series.min(axis=1, keepdims=True), series.max(axis=1, keepdims=True)
    return (series - least) / np.where(most > least, most - least, 1.0)


def _places(series: Series, points: int) -> list[int]:
    """Which columns stay: the first, the last, and of each bucket between them the one with the largest triangles.

    A triangle reaches from the point that was chosen last to the middle of the next bucket; those of all series against
    the first, the epochs, are added up.
    """
    last = series.shape[1] - 1
    edges = [*np.linspace(1, last, points - 1).astype(int).tolist(), last + 1]
    chosen = [0]
    for start, end, beyond in zip(edges, edges[1:], edges[2:], strict=False):
        to_next = series[:, end:beyond].mean(axis=1, keepdims=True) - series[:, chosen[-1:]]
        to_each = series[:, start:end] - series[:, chosen[-1:]]
        areas = np.abs(to_next[0] * to_each[1:] - to_each[0] * to_next[1:]).sum(axis=0)
        chosen.append(start + int(areas.argmax()))
    return [*chosen, last]
