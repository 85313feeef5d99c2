"""What simulated datasets of every profile have in common: their records are numbered, and test records have copies."""

from collections.abc import Callable, Iterator

from babbitt.contracts.datasets import MAX_RECORDS, SimulatedSource
from babbitt.contracts.splits import SplitSpec
from babbitt.signals.domain.noisy_copies import NoisyCopies
from babbitt.signals.domain.records import Waveform
from babbitt.signals.domain.shards import MAX_SHARDS, PlannedShard, divide_rows
from babbitt.signals.domain.time_base import TimeBase
from babbitt.signals.errors import DatasetImpossible


class SimulatedRecords:
    """The records of a simulated dataset in their shards, each before its noisy copies, so that it is made once.

    Args:
        source: what is asked for.
        time: of a record.
        channels: of a record.
        records: how many there are, without copies.
        is_copied: whether a record has copies, by its number.
        planned_samples: what a shard of several records holds at most.
        counted: the field of `source` that says how many there are.

    Raises:
        DatasetImpossible: they are more than a dataset may have.
    """

    def __init__(
        self,
        source: SimulatedSource,
        time: TimeBase,
        channels: int,
        records: int,
        is_copied: Callable[[int], bool],
        planned_samples: int,
        counted: str,
    ) -> None:
        self._source, self._time, self._channels = source, time, channels
        copied = 1 + len(source.noise_copies_db)
        self._rows = [copied if is_copied(record) else 1 for record in range(records)]
        self.shards = divide_rows(self._rows, time.samples * channels, planned_samples)
        if len(self.shards) > MAX_SHARDS or sum(self._rows) > MAX_RECORDS:
            raise DatasetImpossible(
                f"/configuration/source/{counted}",
                f"{sum(self._rows)} records with their copies, in {len(self.shards)} shards",
                f"at most {MAX_RECORDS} in {MAX_SHARDS}: fewer or shorter records",
            )

    def values(self, shard: PlannedShard) -> int:
        """How many numbers a shard has, copies included."""
        return sum(self._rows[shard.first : shard.first + shard.count]) * self._time.samples * self._channels

    def waveforms(self, shard: PlannedShard, make: Callable[[int], Waveform]) -> Iterator[Waveform]:
        """The records of a shard, made by their number, and their copies; the same wherever they are made."""
        source = self._source
        copies = NoisyCopies(source.seed, source.noise_copies_db, self._channels, self._time.samples)
        for record in range(shard.first, shard.first + shard.count):
            waveform = make(record)
            yield waveform
            if self._rows[record] > 1:
                yield from copies.of(waveform, record)


def refuse_other_splits(split: SplitSpec, accepted: str) -> None:
    """Simulated records are split by group or by record.

    Raises:
        DatasetImpossible: any other way is asked for; `accepted` says which are there.
    """
    if split.kind not in {"group", "record"}:
        raise DatasetImpossible(
            "/configuration/split/kind",
            "simulated records are no parts of longer recordings, and nothing says beforehand where they are",
            accepted,
        )
