"""Datasets from recordings: which files there are, what they are, and in which split."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from babbitt.contracts.dataspec import DataSpec, same_rate
from babbitt.contracts.mappings import ImportedSource, MappingRule, RecordingFile
from babbitt.contracts.splits import SplitName, SplitSpec
from babbitt.recordings.errors import NoRuleMatches
from babbitt.recordings.mapping import rule_for
from babbitt.recordings.recordings import group_of
from babbitt.recordings.samples import READERS
from babbitt.signals.domain.importing.cutting import Cut, cut_in_time, cut_whole
from babbitt.signals.domain.records import MadeRecord, PlacedRecord
from babbitt.signals.domain.shards import MAX_SHARD_SAMPLES, PlannedShard
from babbitt.signals.domain.splits import Unit, assign_splits
from babbitt.signals.errors import DatasetImpossible

SHORTEST_RECORD_SAMPLES = 64


class ImportedPlan:
    """An imported dataset: a shard for each file, in the order of their names.

    How many records a file holds is known when it is read. A split by `record` keeps a file together: records of one
    recording in two splits would be told by their neighbours.

    Raises:
        DatasetImpossible: it cannot be made.
    """

    exactly_balanced = False

    def __init__(self, source: ImportedSource, split: SplitSpec) -> None:
        self.source = source
        self.files = tuple(sorted(source.files, key=lambda file: file.name))
        self.record_samples = round((source.mapping.record_duration_s or 0) * source.mapping.sampling_rate_hz)
        self._split = split
        self._rules = {file.name: _rule_of(source, file) for file in self.files}
        if not SHORTEST_RECORD_SAMPLES <= self.record_samples <= MAX_SHARD_SAMPLES:
            raise DatasetImpossible(
                "/configuration/source/mapping/record_duration_s",
                f"a record would have {self.record_samples} samples",
                f"{SHORTEST_RECORD_SAMPLES} to {MAX_SHARD_SAMPLES} samples",
            )
        self.shards = tuple(PlannedShard(index, index, 1) for index in range(len(self.files)))
        self._splits = self._assigned()

    def cut(self, name: str, samples: int) -> list[Cut]:
        """The records of a recording of `samples` samples.

        Raises:
            MakingFailed: it is too short.
        """
        if self._split.kind != "time":
            return cut_whole(samples, self.record_samples, name=name)
        return cut_in_time(
            samples, self.record_samples, validation=self._split.validation, test=self._split.test, name=name
        )

    def place_of(self, made: MadeRecord) -> str:
        """By its place in the recording, or as its group or recording as a whole."""
        return made.place or self._splits[made.group if self._split.kind == "group" else made.recording]

    def data_spec(self, records: Sequence[PlacedRecord]) -> DataSpec:
        """As the mapping has it; classes in the order of its rules."""
        mapping = self.source.mapping
        labels = {placed.made.label for placed in records}
        known = all(placed.made.shaft_speed_hz is not None for placed in records)
        return DataSpec(
            channels=mapping.channels,
            sampling_rate_hz=mapping.sampling_rate_hz,
            record_samples=self.record_samples,
            shaft_speed="per_record" if known else "none",
            bearing=mapping.bearing,
            class_names=tuple(
                dict.fromkeys(rule.label for rule in mapping.rules if rule.label and rule.label in labels)
            ),
        )

    def notes(self) -> tuple[str, ...]:
        """What limits what the dataset can tell."""
        notes = [f"{len(self.files)} recordings; what is left after the last whole record of a part is not used."]
        if self._split.kind == "time":
            notes.append("Split within recordings: optimistic, it says nothing of bearings never seen in training.")
        if resampled := sorted(name for name, rule in self._rules.items() if not self._at_rate(rule)):
            rate = self.source.mapping.sampling_rate_hz
            notes.append(f"Resampled to {rate:g} Hz: {', '.join(resampled)}. Their rate told them from the rest.")
        return tuple(notes)

    def _at_rate(self, rule: MappingRule) -> bool:
        return same_rate(rule.sampling_rate_hz or 0, self.source.mapping.sampling_rate_hz)

    def _assigned(self) -> Mapping[str, SplitName]:
        if self._split.kind == "time":
            return {}
        labels: dict[str, set[str]] = {}
        for name, rule in self._rules.items():
            key = group_of(rule, name) if self._split.kind == "group" else name
            labels.setdefault(key, set()).add(rule.label or "")
        units = [Unit(key, frozenset(held)) for key, held in labels.items()]
        what = "groups" if self._split.kind == "group" else "recordings"
        return assign_splits(units, validation=self._split.validation, test=self._split.test, what=what)


def _rule_of(source: ImportedSource, file: RecordingFile) -> MappingRule:
    pointer = f"/configuration/source/files/{source.files.index(file)}/name"
    if PurePath(file.name).suffix.lower() not in READERS:
        raise DatasetImpossible(pointer, f"{file.name} is of no kind that is imported", ", ".join(READERS))
    try:
        rule = rule_for(source.mapping, file.name)
    except NoRuleMatches as error:
        raise DatasetImpossible(pointer, str(error), "a name that a rule's pattern matches") from error
    wanted = source.mapping.sampling_rate_hz
    recorded = rule.sampling_rate_hz or 0
    if recorded < wanted and not same_rate(recorded, wanted):
        raise DatasetImpossible(
            f"/configuration/source/mapping/rules/{source.mapping.rules.index(rule)}/sampling_rate_hz",
            f"{file.name} was recorded at {recorded:g} Hz; nothing is resampled upwards",
            f"at least {wanted:g} Hz",
        )
    return rule
