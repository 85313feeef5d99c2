"""Trivial probes: what one number alone tells of the class. A model that tells no more has learned nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Self

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.quality import Probe

MOST_BINS = 32
TOLD = 0.95
"""A class is told from all others when this share of it is found, and of what is taken for it is it."""

FEWEST_GROUPS = 3
"""Of a class, or it may be told by luck; unless the number has so few values that luck has no part in it."""

MUCH_BETTER = 0.3
"""Of the way from guessing to certainty: a probe whose interval begins beyond it is suspicious."""

_Z = NormalDist().inv_cdf(0.975)

type _Floats = NDArray[np.floating]
type _Labels = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Examples:
    """Records to decide by, or to score.

    Attributes:
        values: [records, channels]; of the recording, one channel.
        labels: [records], the number of the class.
        groups: [records], the number of what is independent of others: a group, not a record.
    """

    values: _Floats
    labels: _Labels
    groups: _Labels


def probe(
    feature: str,
    train: Examples,
    test: Examples,
    *,
    classes: Sequence[str],
    channels: Sequence[str | None],
) -> Probe | None:
    """A decision on one number, made on train and scored on test; of several channels the one that does best on train.

    The range of the number is divided into stretches that hold equally many training records (or one value each, where
    there are few values); each stretch stands for the class that is there most often, classes weighted alike.

    Args:
        feature: its name.
        train: to decide by.
        test: to score.
        classes: their names, by number.
        channels: names of the channels.

    Returns:
        None where the number is the same for all, or nothing can be scored.
    """
    if not train.labels.size or not test.labels.size or np.ptp(train.values, axis=0).max() == 0:
        return None
    rules = [_Rule.of(train.values[:, channel], train.labels, len(classes)) for channel in range(train.values.shape[1])]
    scores = [rule.shares(train.values[:, channel], train.labels) for channel, rule in enumerate(rules)]
    best = int(np.argmax([np.nanmean(np.diagonal(score)) for score in scores]))
    shares = rules[best].shares(test.values[:, best], test.labels)
    recalls = np.diagonal(shares)
    tested = ~np.isnan(recalls)
    accuracy, chance = float(recalls[tested].mean()), 1 / len(classes)
    test_groups = np.unique(test.groups).size
    low, high = wilson(accuracy, test_groups)
    taken = np.nansum(shares, axis=0)
    precise = np.divide(recalls, taken, out=np.zeros(len(classes)), where=tested & (taken > 0))
    few_values = np.unique(train.values[:, best]).size <= len(classes) // 2 + 1
    tells = [
        name
        for number, name in enumerate(classes)
        if recalls[number] >= TOLD <= precise[number] and (few_values or _groups_of(test, number) >= FEWEST_GROUPS)
    ]
    return Probe(
        feature=feature,
        channel=channels[best],
        chance=chance,
        accuracy=accuracy,
        low=low,
        high=high,
        test_groups=test_groups,
        tells=tuple(tells),
        suspicious=bool(tells) or low >= chance + MUCH_BETTER * (1 - chance),
    )


def _groups_of(examples: Examples, label: int) -> int:
    return np.unique(examples.groups[examples.labels == label]).size


def wilson(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share of `count` independent trials (Wilson 1927): never empty, never beyond 0 and 1."""
    spread = _Z**2 / count
    centre = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * (share * (1 - share) / count + spread / (4 * count)) ** 0.5
    return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True, slots=True)
class _Rule:
    """Stretches of a number, by their edges, and the class that each stands for."""

    edges: _Floats
    decisions: _Labels
    classes: int

    @classmethod
    def of(cls, values: _Floats, labels: _Labels, classes: int) -> Self:
        bins = min(MOST_BINS, max(2 * classes, values.size // 8))
        known = np.unique(values)
        if known.size <= bins:
            edges = (known[1:] + known[:-1]) / 2
        else:
            edges = np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)[1:-1]))
        counts = np.zeros((edges.size + 1, classes))
        np.add.at(counts, (np.searchsorted(edges, values, side="right"), labels), 1)
        totals = counts.sum(axis=0)
        return cls(edges, (counts / np.maximum(totals, 1)).argmax(axis=1), classes)

    def shares(self, values: _Floats, labels: _Labels) -> NDArray[np.float64]:
        """What share of each class is taken for which: [class, class]; NaN where there are none of a class."""
        taken = self.decisions[np.searchsorted(self.edges, values, side="right")]
        counts = np.zeros((self.classes, self.classes))
        np.add.at(counts, (labels, taken), 1)
        totals = counts.sum(axis=1, keepdims=True)
        return np.divide(counts, totals, out=np.full_like(counts, np.nan), where=totals > 0)
