"""Datasets of simulated machines with rolling-element bearings: which records there are, and in which split."""

from collections.abc import Iterator, Sequence
from functools import partial

from babbitt.contracts.dataspec import BearingGeometry, Channel, DataSpec
from babbitt.contracts.simulations import RollingFault, RollingSource, machine_name
from babbitt.contracts.splits import SplitSpec
from babbitt.signals.domain.records import MadeRecord, PlacedRecord, Waveform
from babbitt.signals.domain.rolling.checks import check_source
from babbitt.signals.domain.rolling.machine import Machine
from babbitt.signals.domain.rolling.simulation import RecordConditions, simulate
from babbitt.signals.domain.runs import NOT_LOOKED_FOR
from babbitt.signals.domain.shards import PlannedShard
from babbitt.signals.domain.simulated_records import SimulatedRecords, refuse_other_splits
from babbitt.signals.domain.splits import Unit, assign_groups, assign_splits
from babbitt.signals.domain.streams import Layer, stream
from babbitt.signals.domain.time_base import TimeBase

NOTES = (
    "Simulated (profile rolling): impacts that make resonances ring, in noise; no machine is meant in particular.",
    NOT_LOOKED_FOR,
)
PLANNED_SAMPLES = 8_000_000
"""What a shard of several records holds at most: at 170 ns a sample one core takes 1.4 s."""
CHANNEL = Channel(name="vibration", quantity="acceleration", unit="g", direction="radial")


class RollingPlan:
    """A simulated dataset: class by class, machine by machine, record by record.

    A record's number tells its machine, and the machine's its class and bearing; a machine is a group.

    Raises:
        DatasetImpossible: it cannot be made.
    """

    split_in_time: tuple[str, ...] = ()

    def __init__(self, source: RollingSource, split: SplitSpec) -> None:
        check_source(source)
        refuse_other_splits(split, "group (no machine straddles), record")
        self.source = source
        self._bearing: BearingGeometry | None = source.bearings[0] if len(set(source.bearings)) == 1 else None
        self.channels = (CHANNEL,)
        self.time = TimeBase.of(source.duration_s, source.sampling_rate_hz)
        self.machines = len(source.classes) * source.machines_per_class
        self.records = self.machines * source.records_per_machine
        self.exactly_balanced = not split.held_out
        self._by_group = split.kind == "group"
        units = list(self._units())
        if self._by_group:
            self._splits = assign_groups(units, split, what="machines").splits
        else:
            self._splits = assign_splits(units, validation=split.validation, test=split.test, what="records")
        self._simulated = SimulatedRecords(
            source, self.time, len(self.channels), self.records, self._is_copied, PLANNED_SAMPLES, "records_per_machine"
        )
        self.shards = self._simulated.shards

    def label_of(self, machine: int) -> RollingFault:
        """The class of a machine, by its number."""
        return self.source.classes[machine // self.source.machines_per_class]

    def group_of(self, machine: int) -> str:
        """The name of a machine: its class, and its number within it."""
        return machine_name(self.label_of(machine), machine % self.source.machines_per_class)

    def name_of(self, record: int) -> str:
        """The id of a record: its machine, and its number within it."""
        machine, number = divmod(record, self.source.records_per_machine)
        return f"{self.group_of(machine)}-{number:04d}"

    def machine(self, number: int) -> Machine:
        """A machine; bearings in turn."""
        source = self.source
        return Machine.draw(
            stream(source.seed, number, Layer.ROLLING_MACHINE),
            source.bearings[number % source.machines_per_class % len(source.bearings)],
            source.shaft_speed_hz,
            source.sampling_rate_hz,
        )

    def waveforms(self, shard: PlannedShard) -> Iterator[Waveform]:
        """The records of a shard, each before its copies; the same wherever they are made."""
        return self._simulated.waveforms(shard, self._made)

    def values(self, shard: PlannedShard) -> int:
        """How many numbers a shard has, copies included."""
        return self._simulated.values(shard)

    def place_of(self, made: MadeRecord) -> str:
        """By its machine, or by itself."""
        return made.place or self._splits[made.group if self._by_group else made.record]

    def data_spec(self, records: Sequence[PlacedRecord]) -> DataSpec:
        """One channel of acceleration; the shaft speed is known of each record, and so is the bearing."""
        return DataSpec(
            channels=self.channels,
            sampling_rate_hz=self.source.sampling_rate_hz,
            record_samples=min(placed.made.samples for placed in records),
            shaft_speed="per_record",
            bearing=self._bearing,
            class_names=self.source.classes,
        )

    def notes(self) -> tuple[str, ...]:
        """Where the numbers come from."""
        if self._by_group:
            return NOTES
        return (*NOTES, "Split by record: records of one machine are in several splits, which is optimistic.")

    def _made(self, record: int) -> Waveform:
        number = record // self.source.records_per_machine
        machine, label, name = self.machine(number), self.label_of(number), self.name_of(record)
        streams = partial(stream, self.source.seed, record)
        conditions = RecordConditions.draw(streams(Layer.ROLLING_RECORD), self.source.signal_to_noise_db)
        return Waveform(
            record=name,
            recording=name,
            label=label,
            group=self.group_of(number),
            samples=simulate(label, machine, conditions, self.time, streams),
            shaft_speed_hz=machine.shaft_speed_hz,
            bearing=machine.bearing if self._bearing is None else None,
            conditions=conditions.told(),
        )

    def _is_copied(self, record: int) -> bool:
        machine = record // self.source.records_per_machine
        return self._splits[self.group_of(machine) if self._by_group else self.name_of(record)] == "test"

    def _units(self) -> Iterator[Unit]:
        for machine in range(self.machines):
            held, label = self.source.records_per_machine, frozenset({self.label_of(machine)})
            if self._by_group:
                yield Unit(self.group_of(machine), label)
            else:
                names = (self.name_of(machine * held + number) for number in range(held))
                yield from (Unit(name, label, self.group_of(machine)) for name in names)
