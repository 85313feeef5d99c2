"""How a dataset's work is divided: shards, small enough to be made within a message."""

from dataclasses import dataclass

BYTES_A_SAMPLE = 4

MAX_SHARD_BYTES = 64 * 1024 * 1024
MAX_SHARD_SAMPLES = MAX_SHARD_BYTES // BYTES_A_SAMPLE

PLANNED_SAMPLES = 8_000_000
"""What a shard of several records holds at most: at 12 ms for a record of 100,000 samples one core takes a second."""

FEWEST_SHARDS = 8
"""Small datasets are divided too, or one replica would do all of the work."""

MAX_SHARDS = 10_000
MAX_RECORDS = 200_000
"""What one manifest holds."""


@dataclass(frozen=True, slots=True)
class PlannedShard:
    """One part: `count` units of the dataset's order from `first` on (records of a simulation, files of an import)."""

    index: int
    first: int
    count: int


def divide(records: int, record_samples: int) -> tuple[PlannedShard, ...]:
    """Shards for `records` records of `record_samples` samples each, all but the last of one size."""
    fitting = max(1, PLANNED_SAMPLES // record_samples)
    size = min(fitting, -(-records // FEWEST_SHARDS))
    return tuple(
        PlannedShard(index, first, min(size, records - first)) for index, first in enumerate(range(0, records, size))
    )
