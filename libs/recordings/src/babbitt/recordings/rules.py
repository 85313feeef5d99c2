"""What a mapping says of a recording before its file is opened, by its name alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from babbitt.contracts.mappings import ImportMapping, MappingRule
from babbitt.contracts.names import ClassName
from babbitt.contracts.splits import SplitName
from babbitt.recordings.errors import NoRuleMatches, RuleInvalid
from babbitt.recordings.patterns import PatternInvalid, pattern_of

RPM_PER_HZ = 60.0
MAX_SHAFT_SPEED_HZ = 10_000

_PATTERNS_TOLD = 20
_CLASS_NAME = TypeAdapter[str](ClassName)
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_SPLITS: Mapping[str, SplitName] = {
    "train": "train",
    "validation": "validation",
    "val": "validation",
    "test": "test",
}


@dataclass(frozen=True, slots=True)
class Named:
    """A recording, as far as its name tells.

    Attributes:
        number: of its rule, from 0.
        rule: its rule.
        label: its class; None: its file says it.
        group: what may not straddle a split: told, else the file's name.
        group_told: whether it was told.
        split: where it is told.
        shaft_speed_hz: revolutions a second, where they are told.
    """

    number: int
    rule: MappingRule
    label: str | None
    group: str
    group_told: bool
    split: SplitName | None
    shaft_speed_hz: float | None


def named(mapping: ImportMapping, name: str) -> Named:
    """What the first rule that `name` matches says of it; upper and lower case differ.

    Raises:
        NoRuleMatches: no rule is for it.
        RuleInvalid: a rule's pattern is none, or captures what means nothing.
    """
    for number, rule in enumerate(mapping.rules):
        try:
            captured = pattern_of(rule.pattern).match(name)
        except PatternInvalid as error:
            raise RuleInvalid(number, rule.pattern, "pattern", str(error), error.accepted) from error
        if captured is not None:
            return _named(number, rule, captured, name)
    raise NoRuleMatches(f"{name}: no rule of the mapping matches it; the patterns are {patterns_of(mapping)}")


def patterns_of(mapping: ImportMapping) -> str:
    """The first patterns of a mapping, for people."""
    more = len(mapping.rules) - _PATTERNS_TOLD
    listed = ", ".join(rule.pattern for rule in mapping.rules[:_PATTERNS_TOLD])
    return f"{listed} and {more} more" if more > 0 else listed


def _named(number: int, rule: MappingRule, captured: Mapping[str, str], name: str) -> Named:
    def meaningless(capture: str, accepted: str) -> RuleInvalid:
        stands_for = f"{{{capture}}} stands for {captured[capture]!r} in {name}"
        return RuleInvalid(number, rule.pattern, "pattern", stands_for, accepted)

    if "label" in captured and not is_class_name(captured["label"]):
        accepted = "a class name (small letters, digits, - and _); or a rule of its own, with a label"
        raise meaningless("label", accepted)
    if "split" in captured and captured["split"] not in _SPLITS:
        raise meaningless("split", ", ".join(_SPLITS))
    speed_hz = rule.shaft_speed_hz
    for capture, per_hz in (("shaft_speed_hz", 1.0), ("shaft_speed_rpm", RPM_PER_HZ)):
        if capture in captured:
            speed_hz = float(captured[capture]) / per_hz if _NUMBER.fullmatch(captured[capture]) else 0.0
            if not 0 < speed_hz <= MAX_SHAFT_SPEED_HZ:
                raise meaningless(capture, "a number above 0, such as 29.95")
    group = captured.get("group", rule.group)
    return Named(
        number=number,
        rule=rule,
        label=captured.get("label", rule.label),
        group=group or name,
        group_told=group is not None,
        split=_SPLITS[captured["split"]] if "split" in captured else rule.split,
        shaft_speed_hz=speed_hz,
    )


def is_class_name(text: str) -> bool:
    """Whether datasets may call a class so."""
    try:
        _CLASS_NAME.validate_python(text)
    except ValidationError:
        return False
    return True
