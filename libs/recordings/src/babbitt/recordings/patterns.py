"""Patterns of file names, with captures: parts of a name that say what the file is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache

CAPTURES = ("label", "group", "split", "shaft_speed_hz", "shaft_speed_rpm")

_CAPTURE = re.compile(r"\{(\w+)(?::([^{}/]*))?\}")
_OPENING, _CLOSING = 0xE000, 0xF000
"""Characters that stand for the ends of captures while `fnmatch` translates the rest: of the private use area."""
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_ACCEPTED = "brackets that open and close outside of captures, or within one"


class PatternInvalid(ValueError):
    """No pattern. Says why, and what is `accepted`."""

    def __init__(self, detail: str, accepted: str) -> None:
        super().__init__(detail)
        self.accepted = accepted


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern, ready to be matched.

    Attributes:
        captures: what it captures.
        parts: a regular expression for each part of a path, the last one for the file's name.
    """

    captures: tuple[str, ...]
    parts: tuple[re.Pattern[str], ...]

    def match(self, path: str) -> Mapping[str, str] | None:
        """What the captures stand for; None: `path` does not match.

        As many of the path's last parts are looked at as the pattern has. A capture takes as little as it can.
        """
        parts = path.split("/")[-len(self.parts) :]
        if len(parts) != len(self.parts):
            return None
        found: dict[str, str] = {}
        for part, expression in zip(parts, self.parts, strict=True):
            if (matched := expression.match(part)) is None:
                return None
            found |= {name: part[matched.end(name) : matched.end(f"{name}_")] for name in self._in(expression)}
        return found

    def _in(self, expression: re.Pattern[str]) -> tuple[str, ...]:
        return tuple(name for name in self.captures if name in expression.groupindex)


@lru_cache(maxsize=4096)
def pattern_of(text: str) -> Pattern:
    """The pattern that `text` is: shell-style, with captures such as `{label}` or `{group:KA*}`.

    Raises:
        PatternInvalid: an unknown capture, one that stands there twice or begins or ends within brackets, an empty part
            of a path, or a character for private use.
    """
    if _PRIVATE.search(text):
        raise PatternInvalid("it holds a character for private use", "characters that Unicode has assigned")
    names = [capture[1] for capture in _CAPTURE.finditer(text)]
    for position, name in enumerate(names):
        if name not in CAPTURES:
            raise PatternInvalid(f"{{{name}}} is no capture", ", ".join(f"{{{known}}}" for known in CAPTURES))
        if name in names[:position]:
            raise PatternInvalid(f"{{{name}}} stands there twice", "each capture once")
    parts = text.split("/")
    if "" in parts:
        raise PatternInvalid("a part of the path is empty", "names with one '/' between them, none at either end")
    expressions = tuple(_expression(part) for part in parts)
    for name in names:
        if not any({name, f"{name}_"} <= expression.groupindex.keys() for expression in expressions):
            raise PatternInvalid(f"{{{name}}} begins or ends within brackets", _ACCEPTED)
    return Pattern(tuple(names), expressions)


def _expression(part: str) -> re.Pattern[str]:
    """`fnmatch` translates, so that no pattern takes longer than its length times the name's.

    Raises:
        PatternInvalid: a capture begins or ends within brackets.
    """

    def marked(capture: re.Match[str]) -> str:
        number = CAPTURES.index(capture[1])
        return f"{chr(_OPENING + number)}{capture[2] or '?*'}{chr(_CLOSING + number)}"

    translated = translate(_CAPTURE.sub(marked, part))
    for number, name in enumerate(CAPTURES):
        translated = translated.replace(chr(_OPENING + number), f"(?P<{name}>)")
        translated = translated.replace(chr(_CLOSING + number), f"(?P<{name}_>)")
    try:
        return re.compile(translated)
    except re.error as error:
        raise PatternInvalid("a capture begins or ends within brackets", _ACCEPTED) from error
