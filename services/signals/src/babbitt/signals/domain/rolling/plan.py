"""Datasets of simulated machines with rolling-element bearings: which records there are, and in which split."""

from collections.abc import Iterator, Sequence
from functools import partial

from babbitt.contracts.dataspec import BearingGeometry, Channel, DataSpec
from babbitt.contracts.simulations import RollingFault, RollingSource
from babbitt.contracts.splits import SplitSpec
from babbitt.signals.domain.records import MadeRecord, PlacedRecord, Waveform
from babbitt.signals.domain.rolling.checks import check_source
from babbitt.signals.domain.rolling.machine import Machine
from babbitt.signals.domain.rolling.simulation import RecordConditions, simulate
from babbitt.signals.domain.shards import MAX_SHARDS, PlannedShard, divide
from babbitt.signals.domain.splits import Unit, assign_groups, assign_splits
from babbitt.signals.domain.streams import Layer, stream
from babbitt.signals.domain.time_base import TimeBase
from babbitt.signals.errors import DatasetImpossible

NOTE = "Simulated (profile rolling): impacts that make resonances ring, in noise; no machine is meant in particular."
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
        if split.kind not in {"group", "record"}:
            raise DatasetImpossible(
                "/configuration/split/kind",
                "simulated records are no parts of longer recordings, and nothing says beforehand where they are",
                "group (no machine straddles), record",
            )
        self.source = source
        self.channels = (CHANNEL,)
        self.time = TimeBase.of(source.duration_s, source.sampling_rate_hz)
        self.machines = len(source.classes) * source.machines_per_class
        self.shards = divide(self.machines * source.records_per_machine, self.time.samples)
        if len(self.shards) > MAX_SHARDS:
            raise DatasetImpossible(
                "/configuration/source/records_per_machine",
                f"{len(self.shards)} shards",
                f"at most {MAX_SHARDS}: fewer or shorter records",
            )
        self.exactly_balanced = not split.held_out
        self._by_group = split.kind == "group"
        units = list(self._units())
        if self._by_group:
            self._splits = assign_groups(units, split, what="machines").splits
        else:
            self._splits = assign_splits(units, validation=split.validation, test=split.test, what="records")

    def label_of(self, machine: int) -> RollingFault:
        """The class of a machine, by its number."""
        return self.source.classes[machine // self.source.machines_per_class]

    def group_of(self, machine: int) -> str:
        """The name of a machine: its class, and its number within it."""
        return f"{self.label_of(machine)}-m{machine % self.source.machines_per_class:04d}"

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

    def make(self, record: int) -> Waveform:
        """A record, the same wherever it is made."""
        number = record // self.source.records_per_machine
        machine, label, name = self.machine(number), self.label_of(number), self.name_of(record)
        streams = partial(stream, self.source.seed, record)
        conditions = RecordConditions.draw(streams(Layer.ROLLING_RECORD), self.source.signal_to_noise_db)
        samples = simulate(label, machine, conditions, self.time, streams)
        bearing = machine.bearing if self._bearing() is None else None
        return Waveform(name, name, label, self.group_of(number), samples, machine.shaft_speed_hz, bearing=bearing)

    def waveforms(self, shard: PlannedShard) -> Iterator[Waveform]:
        """The records of a shard."""
        return map(self.make, range(shard.first, shard.first + shard.count))

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
            bearing=self._bearing(),
            class_names=self.source.classes,
        )

    def notes(self) -> tuple[str, ...]:
        """Where the numbers come from."""
        if self._by_group:
            return (NOTE,)
        return (NOTE, "Split by record: records of one machine are in several splits, which is optimistic.")

    def _bearing(self) -> BearingGeometry | None:
        """The geometry, where it is one for all."""
        return self.source.bearings[0] if len(set(self.source.bearings)) == 1 else None

    def _units(self) -> Iterator[Unit]:
        for machine in range(self.machines):
            held, label = self.source.records_per_machine, frozenset({self.label_of(machine)})
            if self._by_group:
                yield Unit(self.group_of(machine), label)
            else:
                names = (self.name_of(machine * held + number) for number in range(held))
                yield from (Unit(name, label, self.group_of(machine)) for name in names)
