"""What is known of a dataset before anything of it is made. Worked out from its configuration alone, by any replica."""

from collections.abc import Sequence
from typing import Protocol

from babbitt.contracts.datasets import DatasetConfiguration, SimulatedSource, SplitName
from babbitt.contracts.dataspec import DataSpec
from babbitt.signals.domain.imported import ImportedPlan
from babbitt.signals.domain.records import MadeRecord, PlacedRecord
from babbitt.signals.domain.shards import PlannedShard
from babbitt.signals.domain.simulated import SimulatedPlan


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

    def split_of(self, made: MadeRecord) -> SplitName:
        """The split of one of its records."""
        ...

    def data_spec(self, records: Sequence[PlacedRecord]) -> DataSpec:
        """What its records are."""
        ...

    def notes(self) -> tuple[str, ...]:
        """What people should know of it."""
        ...


def plan_of(configuration: DatasetConfiguration) -> Plan:
    """How to make what is asked for.

    Raises:
        DatasetImpossible: it cannot be made; names the field and what is accepted.
    """
    source, split = configuration.source, configuration.split
    return SimulatedPlan(source, split) if isinstance(source, SimulatedSource) else ImportedPlan(source, split)
