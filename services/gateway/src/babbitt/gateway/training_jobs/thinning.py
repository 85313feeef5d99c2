"""Curves with fewer points, of the same shape: largest triangles in buckets (Steinarsson, 2013, section 4.2).

All series of a run are thinned at once, so that an epoch keeps all that was told of it.
"""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import numpy.typing as npt

from babbitt.gateway.training_jobs.schemas import Epoch

type Series = npt.NDArray[np.float64]


def thinned(epochs: Sequence[Epoch], points: int) -> list[Epoch]:
    """At most `points` epochs of each run, those that show its losses and its accuracy best.

    Args:
        epochs: run by run, in order.
        points: 3 at least.
    """
    kept: list[Epoch] = []
    for _, each in groupby(epochs, key=lambda epoch: epoch.run):
        run = list(each)
        kept += run if len(run) <= points else [run[place] for place in _places(_series(run), points)]
    return kept


def _series(run: Sequence[Epoch]) -> Series:
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
