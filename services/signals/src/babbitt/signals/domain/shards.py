"""How a dataset's work is divided: shards, small enough to be made within a message."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from babbitt.contracts.topics import DATASETS_SHARDS

BYTES_A_SAMPLE = 4

PLANNED_SAMPLES = 16_000_000
"""What a shard of several records holds at most: at 2 ms for a record of 100,000 samples one core takes 0.3 s."""

PLANNED_ROWS = 500
"""Short records take their time, too."""

FEWEST_SHARDS = DATASETS_SHARDS.partitions
"""Small datasets are divided too, or one replica would do all of the work."""

MAX_SHARDS = 10_000


@dataclass(frozen=True, slots=True)
class PlannedShard:
    """One shard: `count` units of the dataset's order from `first` on (records of a simulation, files of an import).

    `part` of `parts`, from 0: of a file that is too long for one shard.
    """

    index: int
    first: int
    count: int
    part: int = 0
    parts: int = 1


def divide_rows(
    rows: Sequence[int], row_samples: int, planned_samples: int = PLANNED_SAMPLES
) -> tuple[PlannedShard, ...]:
    """Shards for records that take so many rows each (with their copies), of `row_samples` samples a row.

    Their number is a multiple of the partitions that they are dealt to, or nearly: all replicas get as many. A shard of
    several records holds `planned_samples` at most.
    """
    most = max(1, min(planned_samples // row_samples, PLANNED_ROWS))
    rounds = -(-sum(rows) // (most * FEWEST_SHARDS))
    enough = -(-sum(rows) // (rounds * FEWEST_SHARDS))
    ends: list[int] = []
    held = most
    for record, needed in enumerate(rows):
        if held >= enough or held + needed > most:
            ends.append(record)
            held = 0
        held += needed
    ends.append(len(rows))
    return tuple(PlannedShard(index, first, end - first) for index, (first, end) in enumerate(pairwise(ends)))
