"""Mappings as YAML: how the files of an import become labelled recordings."""

from pathlib import Path

import yaml
from pydantic import ValidationError

from babbitt.contracts.mappings import ImportMapping
from babbitt.recordings.errors import MappingInvalid
from babbitt.recordings.rule_checks import rule_problems

MAX_MAPPING_CHARACTERS = 500_000
MAX_DEPTH = 8
"""How deep lists and fields may be nested; the deepest mapping needs 3."""


def read_mapping(file: Path) -> ImportMapping:
    """The mapping in a file; raises as `parse_mapping`, and OSError where it cannot be read."""
    try:
        return parse_mapping(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise MappingInvalid(f"{file.name} is not UTF-8: byte {error.start} is no part of it") from error


def parse_mapping(text: str) -> ImportMapping:
    """The mapping that `text` describes; what its rules lack is told by `complete`.

    Raises:
        MappingInvalid: with a line for each error, naming the rule (by number and pattern) and the field.
    """
    content = _load(text)
    if not isinstance(content, dict):
        raise MappingInvalid(f"a mapping is a set of fields (rules, sampling_rate_hz, ...), not {_kind(content)}")
    try:
        return ImportMapping.model_validate(content)
    except ValidationError as error:
        lines = [_explained(content, problem["loc"], problem["msg"]) for problem in error.errors()]
        raise MappingInvalid("\n".join(lines)) from error


def complete(mapping: ImportMapping) -> ImportMapping:
    """The same mapping.

    Raises:
        MappingInvalid: with a line for each thing that a rule lacks or says twice.
    """
    if problems := [str(problem) for problem in rule_problems(mapping)]:
        raise MappingInvalid("\n".join(problems))
    return mapping


def _load(text: str) -> object:
    if len(text) > MAX_MAPPING_CHARACTERS:
        raise MappingInvalid(f"the mapping has {len(text)} characters, at most {MAX_MAPPING_CHARACTERS} are read")
    try:
        _bounded(text)
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError) as error:
        raise MappingInvalid(f"no YAML: {error}") from error


def _bounded(text: str) -> None:
    """Refuse what would cost more than its length: an alias lets a page of YAML stand for gigabytes."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise MappingInvalid("a mapping may not hold YAML aliases (*name): write the values out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise MappingInvalid(f"a mapping is nested at most {MAX_DEPTH} deep")


def _explained(content: dict[object, object], location: tuple[int | str, ...], message: str) -> str:
    """`rules[2] (pattern '97.mat').sampling_rate_hz: Input should be greater than 0`."""
    path = ""
    value: object = content
    for part in location:
        if isinstance(part, int):
            value = value[part] if isinstance(value, list) and part < len(value) else None
            pattern = value.get("pattern") if isinstance(value, dict) else None
            path += f"[{part}]" + (f" (pattern {pattern!r})" if pattern else "")
        else:
            value = value.get(part) if isinstance(value, dict) else None
            path += f".{part}" if path else part
    return f"{path}: {message}"


def _kind(content: object) -> str:
    return "nothing" if content is None else f"a {type(content).__name__}"
