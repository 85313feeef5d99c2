"""Whether a changed schema still keeps what the committed one promised.

What was written under the old schema has to be readable under the new one. An event is read by those who know the old
schema alone, too: it may say more, in new fields, but nothing within the old ones that those would refuse. Requests are
strict, and their readers are deployed before their writers. A change that is not compatible is a new version of the
topic.
"""

import re
from collections.abc import Iterator
from typing import Any, cast

type Schema = dict[str, Any]

_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_EXACT = ("pattern", "format", "additionalProperties")


def incompatibilities(old: Schema, new: Schema, *, event: bool) -> list[str]:
    """What `new` breaks, each with a JSON path; empty: nothing.

    Args:
        old: the committed schema.
        new: the schema of the code.
        event: whether it is also read by those who know `old` alone.
    """
    broken = list(_Comparison(old, new, removals=True).compare(old, new, "$"))
    if event:
        today = _Comparison(new, old, removals=False).compare(new, old, "$")
        broken += [f"{reason} (the other way round: to readers of today)" for reason in today]
    return broken


class _Comparison:
    """Whether who knows `new` reads what keeps to `old`; `removals`: fields may not be missing in `new` either."""

    def __init__(self, old: Schema, new: Schema, *, removals: bool) -> None:
        self._old_definitions: Schema = old.get("$defs", {})
        self._new_definitions: Schema = new.get("$defs", {})
        self._removals = removals

    def compare(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        old, new = _resolved(old, self._old_definitions), _resolved(new, self._new_definitions)
        old_choices, new_choices = _choices(old), _choices(new)
        if old_choices or new_choices:
            yield from self._compare_choices(old_choices or [old], new_choices or [new], path)
            return
        if not _type_accepted(old.get("type"), new.get("type")):
            yield f"{path}: type {old.get('type')} became {new.get('type')}"
            return
        yield from _compare_values(old, new, path)
        yield from _compare_constraints(old, new, path)
        yield from self._compare_fields(old, new, path)
        if "items" in old and "items" in new:
            yield from self.compare(old["items"], new["items"], f"{path}[]")
        for index, (before, after) in enumerate(
            zip(old.get("prefixItems", ()), new.get("prefixItems", ()), strict=False)
        ):
            yield from self.compare(before, after, f"{path}[{index}]")
        if isinstance(old.get("additionalProperties"), dict) and isinstance(new.get("additionalProperties"), dict):
            yield from self.compare(old["additionalProperties"], new["additionalProperties"], f"{path}.*")

    def _compare_choices(self, old: list[Schema], new: list[Schema], path: str) -> Iterator[str]:
        for choice in old:
            problems = [list(self.compare(choice, candidate, path)) for candidate in new]
            if all(problems):
                yield from min(problems, key=len)

    def _compare_fields(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        before, after = cast("Schema", old.get("properties", {})), cast("Schema", new.get("properties", {}))
        was_required, is_required = set(old.get("required", ())), set(new.get("required", ()))
        if self._removals or new.get("additionalProperties") is False:
            for name in sorted(before.keys() - after.keys()):
                yield f"{path}.{name}: removed"
        for name in sorted((is_required - was_required) & (after.keys())):
            yield f"{path}.{name}: now required"
        for name in sorted(before.keys() & after.keys()):
            yield from self.compare(before[name], after[name], f"{path}.{name}")


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[1]]
    return schema


def _choices(schema: Schema) -> list[Schema]:
    return schema.get("anyOf") or schema.get("oneOf") or []


def _type_accepted(old: object, new: object) -> bool:
    return old == new or new is None or (old == "integer" and new == "number")


def _compare_values(old: Schema, new: Schema, path: str) -> Iterator[str]:
    before, after = _values(old), _values(new)
    if after is None:
        return
    if before is None:
        yield f"{path}: now one of {sorted(map(str, after))}"
    elif before - after:
        yield f"{path}: {sorted(map(str, before - after))} no longer accepted"


def _values(schema: Schema) -> set[Any] | None:
    if "const" in schema:
        return {schema["const"]}
    return set(schema["enum"]) if "enum" in schema else None


def _is_text(value: object, schema: Schema) -> bool:
    """Whether a known value is among the texts that a schema takes."""
    if not isinstance(value, str) or schema.get("type") != "string":
        return False
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength", len(value))
    return shortest <= len(value) <= longest and re.search(schema.get("pattern", ""), value) is not None


def _compare_constraints(old: Schema, new: Schema, path: str) -> Iterator[str]:
    if (known := _values(old)) and all(_is_text(value, new) for value in known):
        return
    for name in _LOWER:
        if name in new and new[name] > old.get(name, float("-inf")):
            yield f"{path}: {name} became {new[name]}"
    for name in _UPPER:
        if name in new and new[name] < old.get(name, float("inf")):
            yield f"{path}: {name} became {new[name]}"
    for name in _EXACT:
        if name in new and not isinstance(new[name], dict) and new[name] != old.get(name):
            yield f"{path}: {name} became {new[name]!r}"
