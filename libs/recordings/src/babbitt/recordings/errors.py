"""What can be wrong with a file of waveforms. Every message says which file, what was found and what is accepted."""


class RecordingError(Exception):
    """Base of all errors of this library: the file or its mapping is wrong, and another try gives the same."""


class ShardError(RecordingError):
    """A shard cannot be read or written."""


class NotAShard(ShardError):
    """The file is no HDF5 file, or one of another kind."""


class ShardFormatUnknown(ShardError):
    """The shard was written in a format that this version does not know: most likely a newer one."""


class ShardTruncated(ShardError):
    """The file ends before its content does."""


class MappingInvalid(RecordingError):
    """The mapping is no YAML, or a rule or field of it is wrong."""


class RuleInvalid(MappingInvalid):
    """A rule of a mapping says too little, or something twice.

    Args:
        rule: its number, from 0.
        pattern: its pattern.
        field: the rule's field that is to be changed.
        detail: what is wrong with it.
        accepted: what would be right.
    """

    def __init__(self, rule: int, pattern: str, field: str, detail: str, accepted: str) -> None:
        super().__init__(f"rules[{rule}] (pattern {pattern!r}).{field}: {detail}; accepted: {accepted}")
        self.rule = rule
        self.field = field
        self.detail = detail
        self.accepted = accepted


class NoRuleMatches(RecordingError):
    """No rule of the mapping has a pattern that the file's name matches."""


class RecordingUnreadable(RecordingError):
    """The file is damaged, too large, of a kind that no importer knows, or holds something else than samples."""


class VariableNotFound(RecordingUnreadable):
    """The file holds no such variable, or several."""


class CutImpossible(RecordingError):
    """No records come of the recording, too many, or longer or shorter ones than may be."""


class RateTooLow(RecordingError):
    """The recording's rate is below what is needed; nothing is resampled upwards."""
