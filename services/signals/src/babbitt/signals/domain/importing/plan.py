"""Datasets from recordings: which files there are, what they are, and in which split."""

from collections.abc import Mapping, Sequence

from babbitt.contracts.dataspec import BearingGeometry, DataSpec
from babbitt.contracts.mappings import ImportedSource
from babbitt.contracts.simulations import JOURNAL_FAULTS
from babbitt.contracts.splits import SplitSpec
from babbitt.recordings.cutting import Cut, cut, record_samples, samples_accepted
from babbitt.signals.domain.importing.names import MAPPING, check_split, named_files
from babbitt.signals.domain.importing.parts import divided
from babbitt.signals.domain.records import MadeRecord, PlacedRecord
from babbitt.signals.domain.shards import PlannedShard
from babbitt.signals.domain.splits import GroupSplit, Unit, assign_groups, assign_splits
from babbitt.signals.errors import DatasetImpossible


class ImportedPlan:
    """An imported dataset: a shard for each file, in the order of their names; several for a large one.

    How many records a file holds is known when it is read. A split by `record` keeps a recording together: records of
    one recording in two splits would be told by their neighbours.

    Args:
        source: files and mapping.
        split: how records are kept apart.
        sizes: bytes of the files by their digests, as far as they are known.

    Raises:
        DatasetImpossible: it cannot be made.
    """

    exactly_balanced = False

    def __init__(self, source: ImportedSource, split: SplitSpec, sizes: Mapping[str, int] | None = None) -> None:
        self.source = source
        self.channels = source.mapping.channels
        self.files = tuple(sorted(source.files, key=lambda file: file.name))
        self.record_samples = record_samples(source.mapping)
        self._check_duration()
        self.shards = divided(self.files, sizes or {})
        self._split = split
        self._named = named_files(source)
        check_split(self._named, source, split)
        assigned = self._assigned()
        self.split_in_time = tuple(sorted(assigned.in_time))
        self._splits = assigned.splits
        self._divided = {name for name, told in self._named.items() if told.label in assigned.in_time}

    def has(self, shard: PlannedShard) -> bool:
        """Whether there is such a shard. Into how many a file is divided was found when the dataset was asked for."""
        return shard.first < len(self.files) and shard.count == 1 and shard.part < shard.parts

    def cut(self, name: str, samples: int) -> list[Cut]:
        """The records of a recording of `samples` samples.

        Raises:
            CutImpossible: it is too short, one record of it too long, or there are too many.
        """
        in_time = self._split.kind == "time" or name in self._divided
        return cut(name, samples, self.source.mapping, self._split if in_time else None)

    def place_of(self, made: MadeRecord) -> str:
        """As it was told, by its place in the recording, or as its group or recording as a whole."""
        return made.place or self._splits[made.group if self._split.kind == "group" else made.recording]

    def bearing_of(self, name: str) -> BearingGeometry | None:
        """The bearing of a file's records, where it is known and not one for all."""
        return None if self._one_bearing() else self._bearing(name)

    def data_spec(self, records: Sequence[PlacedRecord]) -> DataSpec:
        """As the mapping has it; classes in the order of its rules, those that names or files tell after them."""
        mapping = self.source.mapping
        labels = {placed.made.label for placed in records}
        known = all(placed.made.shaft_speed_hz is not None for placed in records)
        told = [rule.label for rule in mapping.rules if rule.label]
        benchmark = [label for rule in mapping.rules if rule.layout == "jbfd11" for label in JOURNAL_FAULTS]
        ordered = dict.fromkeys([*told, *benchmark, *sorted(labels)])
        return DataSpec(
            channels=mapping.channels,
            sampling_rate_hz=mapping.sampling_rate_hz,
            record_samples=min(placed.made.samples for placed in records),
            shaft_speed="per_record" if known else "none",
            bearing=self._bearing(self.files[0].name) if self._one_bearing() else None,
            gap_policy=mapping.gap_policy,
            class_names=tuple(label for label in ordered if label in labels),
        )

    def notes(self) -> tuple[str, ...]:
        """What limits what the dataset can tell."""
        left = "; what is left after the last whole record of a part is not used" if self.record_samples else ""
        notes = [f"{len(self.files)} files{left}."]
        if self._split.kind == "time":
            notes.append("Split within recordings: optimistic, it says nothing of bearings never seen in training.")
        if self.split_in_time:
            notes.append(
                f"Split within recording, optimistic, as there is one group of each: {', '.join(self.split_in_time)}."
            )
        return tuple(notes)

    def _bearing(self, name: str) -> BearingGeometry | None:
        return self._named[name].rule.bearing or self.source.mapping.bearing

    def _one_bearing(self) -> bool:
        return len({self._bearing(file.name) for file in self.files}) == 1

    def _check_duration(self) -> None:
        accepted = samples_accepted(self.source.mapping)
        if self.record_samples is not None and self.record_samples not in accepted:
            raise DatasetImpossible(
                f"{MAPPING}/record_duration_s",
                f"a record would have {self.record_samples} samples",
                f"{accepted[0]} to {accepted[-1]} samples",
            )

    def _assigned(self) -> GroupSplit:
        if self._split.kind in {"time", "predefined"}:
            return GroupSplit({}, frozenset())
        labels: dict[str, set[str]] = {}
        for name, told in self._named.items():
            key = told.group if self._split.kind == "group" else name
            labels.setdefault(key, set()).add(told.label or "")
        units = [Unit(key, frozenset(held)) for key, held in labels.items()]
        shares = self._split.validation, self._split.test
        if self._split.kind == "record":
            return GroupSplit(
                assign_splits(units, validation=shares[0], test=shares[1], what="recordings"), frozenset()
            )
        assigned = assign_groups(units, self._split)
        if assigned.in_time and self.record_samples is None:
            raise DatasetImpossible(
                f"{MAPPING}/record_duration_s",
                f"class {min(assigned.in_time)} has a single group, and recordings that are one record each cannot be "
                "divided in time",
                "a duration",
            )
        return assigned
