"""What is wrong with how an import's records are to be kept apart, as far as the names of its files tell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from babbitt.contracts.mappings import ImportMapping
from babbitt.contracts.splits import SPLITS, SplitName, SplitSpec
from babbitt.recordings.rules import Named

MAPPING = "/source/mapping"


@dataclass(frozen=True, slots=True)
class SplitProblem:
    """Why a split cannot be.

    Attributes:
        pointer: of the dataset's configuration: what is to be changed.
        detail: what is wrong.
        accepted: what would be right.
    """

    pointer: str
    detail: str
    accepted: str


def split_problems(files: Mapping[str, Named], mapping: ImportMapping, split: SplitSpec) -> Iterator[SplitProblem]:
    """What is wrong; nothing where names tell of nothing.

    A split is told exactly where it is predefined, no group lies in two of them, no class is missing in one; and a
    recording that is one record is not divided in time.

    Args:
        files: what is known of each by its name.
        mapping: of all of them.
        split: how records are to be kept apart.
    """
    if split.kind == "time" and mapping.record_duration_s is None:
        detail = "a recording that is one record cannot be split in time"
        yield SplitProblem(f"{MAPPING}/record_duration_s", detail, "a duration")
    for name, told in files.items():
        said_by_file = told.rule.layout != "recording"
        if split.kind != "predefined" and (told.split or said_by_file):
            where = f"the layout {told.rule.layout}" if said_by_file else f"rules[{told.number}]"
            detail = f"{where} says in which split {name} is, kind '{split.kind}' would assign another"
            yield SplitProblem("/split/kind", detail, "predefined, or no split in the rules")
        if split.kind == "predefined" and told.split is None and not said_by_file:
            detail = f"the split is predefined, and nothing says in which {name} is"
            accepted = f"{', '.join(SPLITS)}, or {{split}} in the pattern"
            yield SplitProblem(f"{MAPPING}/rules/{told.number}/split", detail, accepted)
    if split.kind == "predefined":
        yield from _groups_in_two(files)
        if all(told.rule.layout == "recording" for told in files.values()):
            yield from _classes_missing(files)


def _groups_in_two(files: Mapping[str, Named]) -> Iterator[SplitProblem]:
    first: dict[str, tuple[str, SplitName | None]] = {}
    for name, told in files.items():
        if not told.group_told:
            continue
        other, split = first.setdefault(told.group, (name, told.split))
        if split != told.split:
            yield SplitProblem(
                f"{MAPPING}/rules/{told.number}/split",
                f"group {told.group} is in two splits: {other} in {split}, {name} in {told.split}",
                "one split a group, or files without a group",
            )


def _classes_missing(files: Mapping[str, Named]) -> Iterator[SplitProblem]:
    held = {(told.label, told.split) for told in files.values()}
    for label in sorted({told.label or "" for told in files.values()}):
        if missing := [split for split in SPLITS if (label, split) not in held]:
            detail = f"class {label} has no file in {', '.join(missing)}"
            yield SplitProblem(f"{MAPPING}/rules", detail, "each class in train, validation and test")
