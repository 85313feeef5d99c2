"""What the readers of all formats share: named arrays, and how one is chosen and read."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from babbitt.recordings.errors import RecordingUnreadable, VariableNotFound
from babbitt.recordings.readers.deadline import Deadline
from babbitt.recordings.readers.reader import Format, Variable

MAX_LEAVES = 10_000
"""Arrays, and what holds them, that there may be in a file: one that has more is refused."""
MAX_DEPTH = 12
"""How deep they may be nested."""
MAX_VALUES = 64 * 1024 * 1024
"""Values that are read at once: 512 MiB of float64."""
MAX_TEXTS = 1_000_000
_MAX_TOLD, _MAX_NAME_TOLD = 40, 200

type Index = tuple[slice | int, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One array of a file.

    Attributes:
        names: all that it goes by; the first is shown.
        shape: how many values there are.
        holds: in words: `float64`, `text`, `cell`.
        kind: real numbers, text, or what is not read.
        read: the values at an index of as many parts as the shape has.
        is_attribute: whether it stands beside the data.
    """

    names: tuple[str, ...]
    shape: tuple[int, ...]
    holds: str
    kind: Literal["numbers", "text", "other"]
    read: Callable[[Index], NDArray[Any]]
    is_attribute: bool = False

    @property
    def called(self) -> str:
        """In messages."""
        return f"variable {self.names[0][:_MAX_NAME_TOLD]}"

    @property
    def described(self) -> str:
        holds = f"{self.holds} of shape {self.shape}" if self.kind == "numbers" else self.holds
        return f"{self.called} holds {holds[:_MAX_NAME_TOLD]}"


class LeafReader:
    """A `RecordingReader` over arrays with names."""

    def __init__(
        self,
        name: str,
        format_: Format,
        leaves: Iterable[Leaf],
        sampling_rate_hz: float | None = None,
        deadline: Deadline | None = None,
    ) -> None:
        self.format: Format = format_
        self.sampling_rate_hz = sampling_rate_hz
        self._name = name
        self._leaves = tuple(leaves)
        self._deadline = deadline

    def variables(self) -> Sequence[Variable]:
        return [Variable(leaf.names[0], leaf.shape, leaf.holds) for leaf in self._leaves]

    def vector(self, variable: str) -> NDArray[np.float64]:
        leaf, channel = self._chosen(variable, "numbers")
        index: Index = (slice(None),) * len(leaf.shape)
        if channel is not None:
            index = self._channel(leaf, channel)
        elif sum(length != 1 for length in leaf.shape) > 1:
            raise self._not_read(leaf, f"a vector of real numbers is read; of a matrix, one channel: '{variable}#1'")
        values = self._read(leaf, index).reshape(-1)
        if values.size == 0:
            raise RecordingUnreadable(f"{self._name}: {leaf.called} holds no samples")
        if (infinite := np.flatnonzero(np.isinf(values))).size:
            where = f"sample {infinite[0]} of {leaf.called}"
            raise RecordingUnreadable(f"{self._name}: {where} is infinite, or beyond what float64 holds")
        return values

    def texts(self, variable: str, start: int = 0, stop: int | None = None) -> Sequence[str]:
        leaf, _ = self._chosen(variable, "text")
        index = (slice(start, stop), *[slice(None)] * len(leaf.shape))[: len(leaf.shape)]
        self._bounded(leaf, index, MAX_TEXTS)
        return [str(text) for text in leaf.read(index).reshape(-1)]

    def rows(self, variable: str, start: int, stop: int) -> NDArray[np.float64]:
        leaf, _ = self._chosen(variable, "numbers")
        if len(leaf.shape) != 2:  # noqa: PLR2004 - rows and columns
            raise self._not_read(leaf, "rows of a matrix are read")
        if not 0 <= start <= stop <= leaf.shape[0]:
            raise self._not_read(leaf, f"it has no rows {start} to {stop}")
        return self._read(leaf, (slice(start, stop), slice(None)))

    def _chosen(self, variable: str, kind: Literal["numbers", "text"]) -> tuple[Leaf, int | None]:
        """The leaf that a pattern is for, and the number of the channel where it says one.

        Of several that match, those of another kind are not meant.
        """
        if self._deadline:
            self._deadline.check()
        channel, matches = None, self._matching(variable)
        if not matches and (numbered := re.fullmatch(r"(.+)#([0-9]{1,6})", variable)):
            channel, matches = int(numbered[2]), self._matching(numbered[1])
        if len(matches) > 1:
            matches = [leaf for leaf in matches if leaf.kind == kind] or matches
        if len(matches) != 1:
            found = f"{len(matches)} variables match" if matches else "no variable matches"
            listed = _told(leaf.names[0] for leaf in matches or self._leaves)
            raise VariableNotFound(f"{self._name}: {found} '{variable}'; exactly one has to; there: {listed}")
        if matches[0].kind != kind:
            raise self._not_read(matches[0], "real numbers are read" if kind == "numbers" else "text is read")
        return matches[0], channel

    def _matching(self, pattern: str) -> list[Leaf]:
        """`Y[vibration_1]` names an element; where none is called so, brackets are a set of characters.

        Attributes (`path@attribute`) are meant only where the pattern says so.
        """
        leaves = [leaf for leaf in self._leaves if "@" in pattern or not leaf.is_attribute]
        literal = re.sub(r"\[([^\[\]]*)\](?=[.\[]|$)", r"[[]\1]", pattern)
        for meant in dict.fromkeys((literal, pattern)):
            if found := [leaf for leaf in leaves if any(fnmatchcase(name, meant) for name in leaf.names)]:
                return found
        return []

    def _channel(self, leaf: Leaf, number: int) -> Index:
        """Along the shorter axis: samples outnumber channels."""
        if len(leaf.shape) != 2 or not 1 <= number <= min(leaf.shape):  # noqa: PLR2004 - channels and samples
            raise self._not_read(leaf, f"it has no channel {number}")
        rows, columns = leaf.shape
        return (number - 1, slice(None)) if rows < columns else (slice(None), number - 1)

    def _read(self, leaf: Leaf, index: Index) -> NDArray[np.float64]:
        self._bounded(leaf, index, MAX_VALUES)
        with np.errstate(over="ignore"):
            return np.asarray(leaf.read(index), dtype=np.float64)

    def _bounded(self, leaf: Leaf, index: Index, most: int) -> None:
        lengths = (
            len(range(*part.indices(length)))
            for part, length in zip(index, leaf.shape, strict=True)
            if isinstance(part, slice)
        )
        if (size := math.prod(lengths)) > most:
            raise self._not_read(leaf, f"{size} values; at most {most} are read at once")

    def _not_read(self, leaf: Leaf, why: str) -> RecordingUnreadable:
        return RecordingUnreadable(f"{self._name}: {leaf.described}; {why}")


def array_leaf(names: tuple[str, ...], array: NDArray[Any]) -> Leaf:
    """A leaf over real numbers in memory."""
    return Leaf(names, array.shape, array.dtype.name, "numbers", lambda index: array[index])


def _told(names: Iterable[str]) -> str:
    listed = [name[:_MAX_NAME_TOLD] for name in names]
    more = f" and {len(listed) - _MAX_TOLD} more" if len(listed) > _MAX_TOLD else ""
    return ", ".join(listed[:_MAX_TOLD]) + more or "none"
