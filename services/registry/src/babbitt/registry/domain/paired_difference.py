"""How much better or worse a version answers the same records than another, and how sure that is."""

from bisect import bisect_left
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from babbitt.registry.domain.pairs import Pairs

LEAST_GROUPS = 8
"""Of fewer, resampling says little: there are too few different samples."""
RESAMPLES = 10_000
SEED = 20_250_301
ROUGHLY = 2_000
"""Resamples where it is asked about how many groups it takes."""
MOST_GROUPS = 1_000_000
"""Who needs more than these gets none."""
DOUBT = 0.05
"""The bound aims at being wrong so often; ADR 19 tells how often it is."""
ASSUMED_CORRELATION = 0.2
"""How alike losses within a group are taken to be (intraclass), for what was not seen.

Chosen with `bench/gates.py`: in 20 groups of 30, with 0.1 one in seven passes that loses the margin where losses
correlate by 0.3, and two of three that lose it by whole groups; with 0.3 hardly half of those pass that are 5 points
better where gains correlate by 0.3.
"""


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
        gained, lost = int((pairs.ours & ~pairs.theirs).sum()), int((pairs.theirs & ~pairs.ours).sum())
        changes, records = by_group(pairs)
        return cls(
            records=int(records.sum()),
            groups=len(records),
            gained=gained,
            lost=lost,
            lower_bound=lower_bound(changes, records),
            mcnemar_p=exact_mcnemar(gained, lost),
        )


def by_group(pairs: Pairs) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each group, records gained minus records lost, and records: [group] each."""
    _, group = np.unique(pairs.groups, return_inverse=True)
    records = np.bincount(group)
    changes = np.zeros_like(records)
    np.add.at(changes, group, pairs.ours.astype(np.int64) - pairs.theirs)
    return changes, records


def lower_bound(
    changes: NDArray[np.int64], records: NDArray[np.int64], *, groups: int | None = None, resamples: int = RESAMPLES
) -> float:
    """The lower 95 % bound of a difference, by resampling groups.

    Percentile bootstrap over groups (Davison & Hinkley, 1997, 3.8). One group more than was seen is counted, of their
    mean size m, with 1 + (m - 1) * ASSUMED_CORRELATION of its records lost, which is the design effect (Kish, 1965):
    where nothing was lost, resampling alone would say that nothing can be, however few groups there are. With it n
    single records without a loss leave 3/n possible, the rule of three (Hanley, 1983), and groups as much as so many
    records as they are worth. As many groups are drawn as there are without that one, which keeps the variance unbiased
    (Rao & Wu, 1988).

    Args:
        changes: of each group, records gained minus records lost: [group].
        records: of each group: [group].
        groups: the bound if there were so many groups like these; None: as many as there are.
        resamples: samples that are drawn.
    """
    kinds, times = np.unique(np.stack([changes, records], axis=1), axis=0, return_counts=True)
    size, count = records.mean(), len(records) if groups is None else groups
    unseen = [-(1 + (size - 1) * ASSUMED_CORRELATION), size]
    weights = np.append(times * (count / len(records)), 1)
    drawn = np.random.default_rng(SEED).multinomial(count, weights / weights.sum(), size=resamples)
    lost_or_gained, of = (drawn @ np.vstack([kinds, unseen])).T
    return float(np.quantile(lost_or_gained / of, DOUBT))


def exact_mcnemar(gained: int, lost: int) -> float:
    """Two-sided exact p-value: the binomial test that gains and losses are equally likely (McNemar, 1947)."""
    discordant = gained + lost
    tail = sum(comb(discordant, count) for count in range(min(gained, lost) + 1))
    return min(1.0, 2 * tail / 2**discordant)


def groups_needed(pairs: Pairs, margin: float) -> int | None:
    """About how many groups like these it takes until the bound lies above -margin; None: no number does."""
    changes, records = by_group(pairs)
    if changes.sum() / records.sum() + margin <= 0:
        return None

    def shows(groups: int) -> bool:
        return lower_bound(changes, records, groups=groups, resamples=ROUGHLY) > -margin

    enough = max(LEAST_GROUPS, len(records))
    while not shows(enough):
        enough *= 2
        if enough > MOST_GROUPS:
            return None
    least = max(LEAST_GROUPS, enough // 2)
    return least + bisect_left(range(least, enough), x=True, key=shows)
