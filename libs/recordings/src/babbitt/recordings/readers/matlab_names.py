"""How what MATLAB nests is called, in files of both its formats: `bearing.gs`, `run.Y[vibration_1].Data`, `runs[0]`."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple, Self

LABEL = "Name"
"""The field whose text an element of an array of structs is called by, where no other has the same."""
LONGEST_LABEL = 200
"""Characters: what is longer is no name, and would stand in the names of all that the element holds."""


class MatlabName(NamedTuple):
    """The two names of something: by labels as far as there are some, and by indices alone."""

    labelled: str
    indexed: str

    @classmethod
    def of(cls, name: str) -> Self:
        return cls(name, name)

    def field(self, name: str) -> Self:
        return type(self)(f"{self.labelled}.{name}", f"{self.indexed}.{name}")

    def elements(self, labels: Sequence[str | None]) -> list[Self]:
        """Of an array whose elements have these labels, if any."""
        counted = Counter(label for label in labels if label and len(label) <= LONGEST_LABEL)
        return [
            type(self)(
                f"{self.labelled}[{label if label and counted[label] == 1 else index}]", f"{self.indexed}[{index}]"
            )
            for index, label in enumerate(labels)
        ]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self))
