"""Datasets of simulated journal bearings: which records there are, and in which split."""

from collections.abc import Iterator, Sequence
from functools import partial

from babbitt.contracts.dataspec import Channel, DataSpec
from babbitt.contracts.simulations import JournalSource
from babbitt.contracts.splits import SplitSpec
from babbitt.signals.domain.journal.checks import channels_of, check_source
from babbitt.signals.domain.journal.faults import HEALTHY
from babbitt.signals.domain.journal.severity import SeverityLevel, level_of
from babbitt.signals.domain.journal.simulation import Simulator
from babbitt.signals.domain.records import MadeRecord, PlacedRecord, Waveform
from babbitt.signals.domain.runs import NOT_LOOKED_FOR
from babbitt.signals.domain.shards import PLANNED_SAMPLES, PlannedShard
from babbitt.signals.domain.simulated_records import SimulatedRecords
from babbitt.signals.domain.splits import Unit, assign_splits
from babbitt.signals.domain.time_base import TimeBase

NOTES = (
    "Simulated (profile jbfd11): plausible engineering values, not solutions of the Reynolds equation.",
    NOT_LOOKED_FOR,
)
RADIAL = Channel(name="vibration", quantity="dimensionless", unit="1")
AXIAL = Channel(name="axial", quantity="dimensionless", unit="1", direction="axial")


class JournalPlan:
    """A simulated dataset: its records class by class, severity levels in turn within each.

    Noisy copies of a test record lie in its shard, so that it is made once.

    Raises:
        DatasetImpossible: it cannot be made.
    """

    exactly_balanced = True
    split_in_time: tuple[str, ...] = ()

    def __init__(self, source: JournalSource, split: SplitSpec) -> None:
        check_source(source, split)
        self.source = source
        self.time = TimeBase.of(source.duration_s, source.sampling_rate_hz)
        self.channels = (RADIAL, AXIAL)[: channels_of(source)]
        self.records = len(source.classes) * source.records_per_class
        self._splits = assign_splits(list(self._units()), validation=split.validation, test=split.test, what="records")
        self._simulated = SimulatedRecords(
            source, self.time, len(self.channels), self.records, self._is_copied, PLANNED_SAMPLES, "records_per_class"
        )
        self.shards = self._simulated.shards

    def label_of(self, record: int) -> str:
        """The class of a record, by its number."""
        return self.source.classes[record // self.source.records_per_class]

    def level_of(self, record: int) -> SeverityLevel:
        """The severity of a record, by its number; a healthy one only bears it, for equal strata."""
        return level_of(record % self.source.records_per_class)

    def name_of(self, record: int) -> str:
        """The id of a record: its class, and its number within it."""
        return f"{self.label_of(record)}-{record % self.source.records_per_class:05d}"

    def values(self, shard: PlannedShard) -> int:
        """How many numbers a shard has, copies included."""
        return self._simulated.values(shard)

    def waveforms(self, shard: PlannedShard) -> Iterator[Waveform]:
        """The records of a shard, each before its copies; the same wherever they are made."""
        source = self.source
        simulator = Simulator(source.seed, self.time, source.noise_layers, source.effects)
        return self._simulated.waveforms(shard, partial(self._made, simulator))

    def place_of(self, made: MadeRecord) -> str:
        """Records are independent of each other, so each is a group of its own."""
        return made.place or self._splits[made.record]

    def data_spec(self, records: Sequence[PlacedRecord]) -> DataSpec:
        """Dimensionless channels; the shaft speed is known of each record."""
        return DataSpec(
            channels=self.channels,
            sampling_rate_hz=self.source.sampling_rate_hz,
            record_samples=min(placed.made.samples for placed in records),
            shaft_speed="per_record",
            class_names=self.source.classes,
        )

    def notes(self) -> tuple[str, ...]:
        """Where the numbers come from."""
        return NOTES

    def _made(self, simulator: Simulator, record: int) -> Waveform:
        label, level, name = self.label_of(record), self.level_of(record), self.name_of(record)
        made = simulator.make(label, record=record, level=level)
        return Waveform(
            record=name,
            recording=name,
            label=label,
            group=name,
            samples=made.samples,
            shaft_speed_hz=made.conditions.shaft_speed_hz,
            severity=None if label == HEALTHY else level.label,
            conditions=made.told(),
        )

    def _is_copied(self, record: int) -> bool:
        return self._splits[self.name_of(record)] == "test"

    def _units(self) -> Iterator[Unit]:
        for record in range(self.records):
            yield Unit(self.name_of(record), frozenset({self.label_of(record)}), self.level_of(record).label)
