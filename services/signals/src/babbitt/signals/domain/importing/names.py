"""What the names of an import's files say, checked before any of them is opened."""

from collections.abc import Mapping

from babbitt.contracts.dataspec import same_rate
from babbitt.contracts.mappings import ImportedSource, RecordingFile
from babbitt.contracts.splits import SplitSpec
from babbitt.recordings.errors import NoRuleMatches, RuleInvalid
from babbitt.recordings.rule_checks import rule_problems
from babbitt.recordings.rules import Named, named
from babbitt.recordings.split_checks import split_problems
from babbitt.signals.errors import DatasetImpossible

MAPPING = "/configuration/source/mapping"


def named_files(source: ImportedSource) -> Mapping[str, Named]:
    """What is known of each file by its name.

    Raises:
        DatasetImpossible: a rule lacks something or says it twice, a file has no rule, or its rule's rate is too low.
    """
    for problem in rule_problems(source.mapping):
        raise _impossible(problem)
    return {file.name: _named(source, number, file) for number, file in enumerate(source.files)}


def check_split(files: Mapping[str, Named], source: ImportedSource, split: SplitSpec) -> None:
    """Let a split pass that names do not speak against.

    Raises:
        DatasetImpossible: a file's split is told and not asked for, or the reverse; a group lies in two splits; a class
            is missing in one; recordings that are one record are to be divided in time.
    """
    for problem in split_problems(files, source.mapping, split):
        raise DatasetImpossible(f"/configuration{problem.pointer}", problem.detail, problem.accepted)


def _named(source: ImportedSource, number: int, file: RecordingFile) -> Named:
    try:
        told = named(source.mapping, file.name)
    except NoRuleMatches as error:
        pointer = f"/configuration/source/files/{number}/name"
        raise DatasetImpossible(pointer, str(error), "a name that a rule's pattern matches") from error
    except RuleInvalid as error:
        raise _impossible(error) from error
    wanted_hz, recorded_hz = source.mapping.sampling_rate_hz, told.rule.sampling_rate_hz
    if recorded_hz is not None and recorded_hz < wanted_hz and not same_rate(recorded_hz, wanted_hz):
        raise DatasetImpossible(
            f"{MAPPING}/rules/{told.number}/sampling_rate_hz",
            f"{file.name} was recorded at {recorded_hz:g} Hz; nothing is resampled upwards",
            f"at least {wanted_hz:g} Hz",
        )
    return told


def _impossible(problem: RuleInvalid) -> DatasetImpossible:
    return DatasetImpossible(f"{MAPPING}/rules/{problem.rule}/{problem.field}", problem.detail, problem.accepted)
