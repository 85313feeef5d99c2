"""Splits that the mapping's rules, the files' names or the files themselves tell."""

from collections.abc import Mapping

from babbitt.contracts.splits import SPLITS, SplitName, SplitSpec
from babbitt.recordings.rules import Named
from babbitt.signals.domain.importing.names import MAPPING
from babbitt.signals.errors import DatasetImpossible


def check_told(files: Mapping[str, Named], split: SplitSpec) -> None:
    """Let a split pass that is told exactly where it is predefined, and is none that misleads.

    Raises:
        DatasetImpossible: a file's split is told and not asked for, or the reverse; a group lies in two splits; a class
            is missing in one.
    """
    for name, told in files.items():
        pointer = f"{MAPPING}/rules/{told.number}"
        said_by_file = told.rule.layout != "recording"
        if split.kind != "predefined" and (told.split or said_by_file):
            where = f"the layout {told.rule.layout}" if said_by_file else f"rules[{told.number}]"
            detail = f"{where} says in which split {name} is, kind '{split.kind}' would assign another"
            raise DatasetImpossible("/configuration/split/kind", detail, "predefined, or no split in the rules")
        if split.kind == "predefined" and told.split is None and not said_by_file:
            detail = f"the split is predefined, and nothing says in which {name} is"
            raise DatasetImpossible(f"{pointer}/split", detail, f"{', '.join(SPLITS)}, or {{split}} in the pattern")
    if split.kind == "predefined":
        _check_groups(files)
        if all(told.rule.layout == "recording" for told in files.values()):
            _check_classes(files)


def _check_groups(files: Mapping[str, Named]) -> None:
    first: dict[str, tuple[str, SplitName | None]] = {}
    for name, told in files.items():
        if not told.group_told:
            continue
        other, split = first.setdefault(told.group, (name, told.split))
        if split != told.split:
            raise DatasetImpossible(
                f"{MAPPING}/rules/{told.number}/split",
                f"group {told.group} is in two splits: {other} in {split}, {name} in {told.split}",
                "one split a group, or files without a group",
            )


def _check_classes(files: Mapping[str, Named]) -> None:
    held = {(told.label, told.split) for told in files.values()}
    for label in sorted({told.label or "" for told in files.values()}):
        if missing := [split for split in SPLITS if (label, split) not in held]:
            raise DatasetImpossible(
                f"{MAPPING}/rules",
                f"class {label} has no file in {', '.join(missing)}",
                "each class in train, validation and test",
            )
