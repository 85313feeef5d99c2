"""What is known of a dataset before anything of it is made. Worked out from its configuration alone, by any replica."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.dataspec import DataSpec
from babbitt.contracts.mappings import ImportedSource, RecordingFile
from babbitt.contracts.simulations import JournalSource, RollingSource
from babbitt.signals.domain.importing.plan import ImportedPlan
from babbitt.signals.domain.journal.plan import JournalPlan
from babbitt.signals.domain.records import MadeRecord, PlacedRecord
from babbitt.signals.domain.rolling.plan import RollingPlan
from babbitt.signals.domain.shards import PlannedShard


class Plan(Protocol):
    """How a dataset will be made."""

    @property
    def shards(self) -> tuple[PlannedShard, ...]:
        """Its parts."""
        ...

    @property
    def exactly_balanced(self) -> bool:
        """Whether all classes have as many records in each split."""
        ...

    @property
    def split_in_time(self) -> tuple[str, ...]:
        """Classes with a single group, which a split by group divides in time."""
        ...

    def place_of(self, made: MadeRecord) -> str:
        """Where one of its records is: a split, or a noisy copy of the test split."""
        ...

    def data_spec(self, records: Sequence[PlacedRecord]) -> DataSpec:
        """What its records are."""
        ...

    def notes(self) -> tuple[str, ...]:
        """What people should know of it."""
        ...


def uploads_of(configuration: DatasetConfiguration) -> Sequence[RecordingFile]:
    """The uploaded files that a dataset is made of."""
    return configuration.source.files if isinstance(configuration.source, ImportedSource) else ()


def plan_of(configuration: DatasetConfiguration, sizes: Mapping[str, int] | None = None) -> Plan:
    """How to make what is asked for.

    Args:
        configuration: what is asked for.
        sizes: bytes of the uploads by their digests: large ones are divided. Looked at where shards are fanned out.

    Raises:
        DatasetImpossible: it cannot be made; names the field and what is accepted.
    """
    source, split = configuration.source, configuration.split
    match source:
        case JournalSource():
            return JournalPlan(source, split)
        case ImportedSource():
            return ImportedPlan(source, split, sizes)
        case RollingSource():
            return RollingPlan(source, split)
