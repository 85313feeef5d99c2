"""Two versions' answers for the same test records, side by side."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.paired import PairedPredictions, PairedRecord


class NotComparable(Exception):
    """Two versions' answers cannot be held against each other."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """What both answered for each record that neither learnt from.

    Attributes:
        groups: what may not straddle a split: [record].
        labels: the record's class: [record].
        ours, theirs: whether the version and the champion are right: [record].
        learnt_from: records that were left out, because one of the two learnt from them.
    """

    groups: NDArray[np.str_]
    labels: NDArray[np.str_]
    ours: NDArray[np.bool_]
    theirs: NDArray[np.bool_]
    learnt_from: int


def pair(ours: PairedPredictions, theirs: PairedPredictions, learnt: Collection[str]) -> Pairs:
    """Pair answers by the digests of what was answered.

    Args:
        ours: of the version.
        theirs: of the champion.
        learnt: digests of records that one of the two learnt from.

    Raises:
        NotComparable: the files are of other records, or of records with other labels, or no record is left.
    """
    champions = {record.blake3: record for record in theirs.records}
    if champions.keys() != {record.blake3 for record in ours.records}:
        raise NotComparable("the two files of predictions are of different records")
    both = [(record, champions[record.blake3]) for record in ours.records]
    if any(_truth(one) != _truth(other) for one, other in both):
        raise NotComparable("the two were tested with other labels for the same records")
    kept = [(one, other) for one, other in both if one.blake3 not in learnt]
    if not kept:
        raise NotComparable("one of the two learnt from every test record")
    return Pairs(
        groups=np.array([one.group for one, _ in kept]),
        labels=np.array([one.label for one, _ in kept]),
        ours=np.array([_is_right(one, ours) for one, _ in kept]),
        theirs=np.array([_is_right(other, theirs) for _, other in kept]),
        learnt_from=len(both) - len(kept),
    )


def _truth(record: PairedRecord) -> tuple[str, frozenset[str]]:
    return record.label, frozenset(record.faults or ())


def _is_right(record: PairedRecord, predictions: PairedPredictions) -> bool:
    if record.right is not None:
        return record.right
    likeliest = predictions.class_names[int(np.argmax(record.probabilities))]
    return (record.answer or likeliest) == record.label
