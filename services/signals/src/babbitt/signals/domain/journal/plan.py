"""Datasets from the simulator: which records there are, and in which split."""

from collections.abc import Iterator, Sequence

from babbitt.contracts.dataspec import Channel, DataSpec
from babbitt.contracts.simulations import JournalSource
from babbitt.contracts.splits import SplitSpec
from babbitt.signals.domain.journal.faults import FAULTS
from babbitt.signals.domain.journal.operating_conditions import SLOWEST_SHAFT_SPEED_HZ
from babbitt.signals.domain.journal.severity import level_of
from babbitt.signals.domain.journal.simulation import SimulatedRecord, simulate
from babbitt.signals.domain.records import MadeRecord, PlacedRecord
from babbitt.signals.domain.shards import MAX_RECORDS, MAX_SHARD_SAMPLES, MAX_SHARDS, PlannedShard, divide
from babbitt.signals.domain.splits import Unit, assign_splits
from babbitt.signals.domain.time_base import TimeBase
from babbitt.signals.errors import DatasetImpossible

FEWEST_REVOLUTIONS = 10
"""Fewer would not tell oil whirl (0.42-0.48 of shaft speed) from half of it, nor one order from the next."""

SHORTEST_RECORD_S = FEWEST_REVOLUTIONS / SLOWEST_SHAFT_SPEED_HZ

NOTE = "Simulated (profile jbfd11): plausible engineering values, not solutions of the Reynolds equation."
CHANNEL = Channel(name="vibration", quantity="dimensionless", unit="1")


class JournalPlan:
    """A simulated dataset: its records class by class, severity levels in turn within each.

    Raises:
        DatasetImpossible: it cannot be made.
    """

    exactly_balanced = True
    split_in_time: tuple[str, ...] = ()

    def __init__(self, source: JournalSource, split: SplitSpec) -> None:
        self.source = source
        self.time = TimeBase.of(source.duration_s, source.sampling_rate_hz)
        self.records = len(source.classes) * source.records_per_class
        _check(source, split, self.time, self.records)
        self.shards = divide(self.records, self.time.samples)
        if len(self.shards) > MAX_SHARDS:
            raise DatasetImpossible(
                "/configuration/source/records_per_class",
                f"{len(self.shards)} shards",
                f"at most {MAX_SHARDS}: fewer or shorter records",
            )
        self._splits = assign_splits(list(self._units()), validation=split.validation, test=split.test, what="records")

    def label_of(self, record: int) -> str:
        """The class of a record, by its number."""
        return self.source.classes[record // self.source.records_per_class]

    def name_of(self, record: int) -> str:
        """The id of a record: its class, and its number within it."""
        return f"{self.label_of(record)}-{record % self.source.records_per_class:05d}"

    def make(self, record: int) -> SimulatedRecord:
        """The samples of a record, the same wherever they are made."""
        level = level_of(record % self.source.records_per_class)
        return simulate(self.label_of(record), seed=self.source.seed, record=record, level=level, time=self.time)

    def numbers(self, shard: PlannedShard) -> range:
        """The records of a shard."""
        return range(shard.first, shard.first + shard.count)

    def place_of(self, made: MadeRecord) -> str:
        """Records are independent of each other, so each is a group of its own."""
        return self._splits[made.record]

    def data_spec(self, records: Sequence[PlacedRecord]) -> DataSpec:
        """One dimensionless channel; the shaft speed is known of each record."""
        return DataSpec(
            channels=(CHANNEL,),
            sampling_rate_hz=self.source.sampling_rate_hz,
            record_samples=min(placed.made.samples for placed in records),
            shaft_speed="per_record",
            class_names=self.source.classes,
        )

    def notes(self) -> tuple[str, ...]:
        """Where the numbers come from."""
        return (NOTE,)

    def _units(self) -> Iterator[Unit]:
        for record in range(self.records):
            stratum = level_of(record % self.source.records_per_class).name
            yield Unit(self.name_of(record), frozenset({self.label_of(record)}), stratum)


def _check(source: JournalSource, split: SplitSpec, time: TimeBase, records: int) -> None:
    for position, label in enumerate(source.classes):
        pointer = f"/configuration/source/classes/{position}"
        if label not in FAULTS:
            raise DatasetImpossible(pointer, f"no class {label} is simulated", ", ".join(FAULTS))
        if label in source.classes[:position]:
            raise DatasetImpossible(pointer, f"class {label} is named twice", "each class once")
    if source.duration_s < SHORTEST_RECORD_S:
        raise DatasetImpossible(
            "/configuration/source/duration_s",
            f"{source.duration_s:g} s hold fewer than {FEWEST_REVOLUTIONS} revolutions of the slowest shaft",
            f"at least {SHORTEST_RECORD_S:.3f} s",
        )
    if time.samples > MAX_SHARD_SAMPLES:
        raise DatasetImpossible(
            "/configuration/source/duration_s",
            f"a record would have {time.samples} samples",
            f"at most {MAX_SHARD_SAMPLES} samples: shorter records or a lower rate",
        )
    if records > MAX_RECORDS:
        raise DatasetImpossible(
            "/configuration/source/records_per_class", f"{records} records", f"at most {MAX_RECORDS} in all"
        )
    if split.kind == "time":
        raise DatasetImpossible(
            "/configuration/split/kind",
            "simulated records are no parts of longer recordings: there is nothing to split in time",
            "record, group",
        )
