"""Series of datasets: leave-one-group-out, one dataset for each group that can be held out."""

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.splits import SplitSpec


def leave_one_group_out(
    configuration: DatasetConfiguration, groups: Mapping[str, AbstractSet[str]]
) -> tuple[DatasetConfiguration, ...]:
    """The series: each dataset has one group as its test split, and together they test every group that can be.

    A group that is the only one of a class is none of them: nothing would be left to train the class on. Its class is
    divided in time in every dataset of the series.

    Args:
        configuration: what the series has in common; of its split only the share for validation counts.
        groups: the classes of each group.

    Returns:
        One configuration for each group that can be held out, by the groups' names; none, where there are none.
    """
    alone, split = classes_of_one(groups), configuration.split
    return tuple(
        configuration.model_copy(
            update={"split": SplitSpec(kind="group", validation=split.validation, held_out=(group,))}
        )
        for group, labels in sorted(groups.items())
        if not alone & labels
    )


def classes_of_one(groups: Mapping[str, AbstractSet[str]]) -> AbstractSet[str]:
    """Classes that one group alone has, which cannot be held out."""
    counts = Counter(label for labels in groups.values() for label in labels)
    return {label for label, count in counts.items() if count == 1}
