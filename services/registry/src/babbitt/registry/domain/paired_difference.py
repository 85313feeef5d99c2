"""How much better or worse a version answers the same records than another, and how sure that is."""

from dataclasses import dataclass
from math import ceil, comb, log, log1p

import numpy as np
from numpy.typing import NDArray

from babbitt.registry.domain.pairs import Pairs

LEAST_GROUPS = 8
"""Of fewer, resampling says little: there are too few different samples."""
RESAMPLES = 10_000
SEED = 20_250_301
DOUBT = 0.05
"""The bound is wrong so often at most, as far as the groups stand for those to come."""


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """A version's share of right answers minus the champion's, over the same records.

    Attributes:
        records, groups: how many were compared.
        gained, lost: records that the version alone answers right, and the champion alone.
        lower_bound: one-sided, 95 %: see `lower_bound`.
        mcnemar_p: exact, two-sided: how likely a difference like this one is among equals.
    """

    records: int
    groups: int
    gained: int
    lost: int
    lower_bound: float
    mcnemar_p: float

    @property
    def difference(self) -> float:
        """-1 to 1."""
        return (self.gained - self.lost) / self.records

    @classmethod
    def of(cls, pairs: Pairs) -> "PairedDifference":
        """Of some pairs; there is at least one."""
        change = pairs.ours.astype(np.int64) - pairs.theirs
        _, group = np.unique(pairs.groups, return_inverse=True)
        records = np.bincount(group)
        changes = np.zeros_like(records)
        np.add.at(changes, group, change)
        gained, lost = int((change > 0).sum()), int((change < 0).sum())
        return cls(
            records=len(change),
            groups=len(records),
            gained=gained,
            lost=lost,
            lower_bound=lower_bound(changes, records),
            mcnemar_p=exact_mcnemar(gained, lost),
        )


def lower_bound(changes: NDArray[np.int64], records: NDArray[np.int64]) -> float:
    """The lower 95 % bound of a difference, by resampling groups.

    Percentile bootstrap over groups (Davison & Hinkley, 1997, 3.8). One record more than was seen is counted as lost,
    as a group of its own: where nothing was lost, resampling alone would say that nothing can be, however few records
    there are. With it, n groups without a loss leave 3/n possible, which is the rule of three (Hanley, 1983). As many
    groups are drawn as there are without that one, which keeps the variance unbiased (Rao & Wu, 1988).

    Args:
        changes: of each group, records gained minus records lost: [group].
        records: of each group: [group].
    """
    kinds, times = np.unique(np.stack([changes, records], axis=1), axis=0, return_counts=True)
    kinds, times = np.vstack([kinds, [-1, 1]]), np.append(times, 1)
    drawn = np.random.default_rng(SEED).multinomial(len(records), times / times.sum(), size=RESAMPLES)
    lost_or_gained, of = (drawn @ kinds).T
    return float(np.quantile(lost_or_gained / of, DOUBT))


def exact_mcnemar(gained: int, lost: int) -> float:
    """Two-sided exact p-value: the binomial test that gains and losses are equally likely (McNemar, 1947)."""
    discordant = gained + lost
    tail = sum(comb(discordant, count) for count in range(min(gained, lost) + 1))
    return min(1.0, 2 * tail / 2**discordant)


def groups_needed(difference: PairedDifference, margin: float) -> int | None:
    """About how many groups like these it takes until the bound lies above -margin; None: no number does.

    A bound's distance shrinks with the root of their number; without any loss there must be enough that a loss of the
    margin would have shown: ln(0.05)/ln(1 - margin).
    """
    room = difference.difference + margin
    if room <= 0:
        return None
    least = ceil(log(DOUBT) / log1p(-margin)) if margin else 0
    distance = difference.difference - difference.lower_bound
    by_distance = ceil(difference.groups * (distance / room) ** 2)
    seen = difference.gained + difference.lost
    return max(LEAST_GROUPS, by_distance if seen else least)
