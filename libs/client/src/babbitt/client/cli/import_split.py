"""How an import's records are to be kept apart: what is wrong with it as far as the names of the files tell."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from babbitt.client.cli.recordings_source import SourceFile
from babbitt.contracts.mappings import ImportMapping
from babbitt.contracts.series import classes_of_one
from babbitt.contracts.splits import SplitSpec
from babbitt.recordings.errors import RuleInvalid
from babbitt.recordings.rules import Named, named
from babbitt.recordings.split_checks import split_problems


def told_by_names(files: Sequence[SourceFile], mapping: ImportMapping) -> Mapping[str, Named]:
    """What is known of each file; one whose name means nothing is left out, and told where it is looked at."""
    told: dict[str, Named] = {}
    for file in files:
        try:
            told[file.name] = named(mapping, file.name)
        except RuleInvalid:
            continue
    return told


def groups_of(told: Mapping[str, Named]) -> Mapping[str, AbstractSet[str]]:
    """The classes of each group."""
    groups: dict[str, set[str]] = {}
    for one in told.values():
        groups.setdefault(one.group, set()).add(one.label or "")
    return groups


def wrong_with(
    split: SplitSpec, told: Mapping[str, Named], mapping: ImportMapping, *, in_series: bool
) -> Iterator[str]:
    """What stands against a split, or against a series that holds each group out; nothing where names tell nothing."""
    for problem in split_problems(told, mapping, split):
        yield f"{problem.pointer}: {problem.detail}; accepted: {problem.accepted}"
    groups = groups_of(told)
    alone = classes_of_one(groups)
    if in_series and all(labels & alone for labels in groups.values()):
        yield "no group can be held out: every one is the only one of a class"
    for group in split.held_out:
        if group not in groups:
            yield f"--hold-out: there is no group {group}"
        elif only := sorted(groups[group] & alone):
            yield f"--hold-out: {group} is the only group of class {only[0]}: nothing would be left to train it on"
