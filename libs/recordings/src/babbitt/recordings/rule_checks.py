"""What is wrong with a mapping's rules that can be told without files."""

from collections.abc import Iterator, Mapping, Sequence

from babbitt.contracts.mappings import ImportMapping, MappingRule
from babbitt.recordings.errors import RuleInvalid
from babbitt.recordings.patterns import PatternInvalid, pattern_of
from babbitt.recordings.units import accepted_for, factor

_TOLD_ONCE: Mapping[str, Sequence[str]] = {
    "label": ("label", "{label}"),
    "group": ("group", "{group}"),
    "split": ("split", "{split}"),
    "shaft_speed_hz": ("shaft_speed_hz", "{shaft_speed_hz}", "{shaft_speed_rpm}"),
    "shaft_speed_rpm_variable": ("shaft_speed_rpm_variable", "shaft_speed_hz_variable"),
    "sampling_rate_hz": ("sampling_rate_hz", "sampling_rate_variable"),
}
"""Ways of saying one thing, by the field that is named where two of them are used."""
_BESIDE_LAYOUT = {"pattern", "layout", "sampling_rate_hz"}


def rule_problems(mapping: ImportMapping) -> Iterator[RuleInvalid]:
    """All that is missing or told twice, rule by rule; nothing where the rules can be used."""
    for number, rule in enumerate(mapping.rules):
        for field, detail, accepted in _problems(rule, mapping):
            yield RuleInvalid(number, rule.pattern, field, detail, accepted)


def _problems(rule: MappingRule, mapping: ImportMapping) -> Iterator[tuple[str, str, str]]:
    try:
        captures = pattern_of(rule.pattern).captures
    except PatternInvalid as error:
        yield "pattern", str(error), error.accepted
        return
    told = {*rule.model_dump(exclude_defaults=True), *(f"{{{capture}}}" for capture in captures)}
    if rule.layout != "recording":
        yield from _beside_layout(rule, mapping, told)
        return
    for field, ways in _TOLD_ONCE.items():
        if len(used := [way for way in ways if way in told]) > 1:
            yield field, f"told twice, by {' and '.join(used)}", "one of them"
    if not told & {"label", "{label}"}:
        yield "label", "missing", "a class name, or {label} in the pattern"
    for channel in mapping.channels:
        if rule.unit and factor(rule.unit, channel.unit) is None:
            detail = f"{rule.unit} cannot be turned into {channel.unit}, the unit of channel {channel.name}"
            yield "unit", detail, accepted_for(channel.unit)


def _beside_layout(rule: MappingRule, mapping: ImportMapping, told: set[str]) -> Iterator[tuple[str, str, str]]:
    for field in sorted(told - _BESIDE_LAYOUT):
        yield field.strip("{}"), f"{field} is told, but a file of the layout {rule.layout} says it", "nothing"
    if len(mapping.channels) > 1:
        yield "layout", f"{rule.layout} has one channel, the mapping {len(mapping.channels)}", "recording"
    if mapping.gap_policy != "refuse":
        detail = f"a file of {rule.layout} with missing samples is refused, whatever gap_policy says"
        yield "layout", detail, "gap_policy: refuse, or recording"
