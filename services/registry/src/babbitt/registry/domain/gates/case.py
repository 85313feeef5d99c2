"""What a version is judged by, and what a gate says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from babbitt.contracts.model_requests import GatePolicy
from babbitt.registry.domain.paired_difference import PairedDifference
from babbitt.registry.domain.pairs import Pairs
from babbitt.registry.domain.version import Candidate, Version

type Outcome = Literal["passed", "failed", "not_comparable", "inconclusive"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether something that was checked is as it should be, and what was found."""

    sound: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A version beside the champion, record by record.

    Attributes:
        decisions: how often a model's version was held against a champion on this test split, this time included.
        learnt_unknown: whose training records nobody knows, so that none of them could be left out.
    """

    pairs: Pairs
    difference: PairedDifference
    decisions: int
    learnt_unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A version that asks to become champion.

    Attributes:
        files: whether every file is what its digest says.
        signature: whether a key that is trusted here signed it.
        champion: what it would replace; None: there is none.
        comparison: with the champion; text: why there can be none.
    """

    candidate: Candidate
    policy: GatePolicy
    files: Finding
    signature: Finding
    champion: Version | None = None
    comparison: Comparison | str = "there is no champion"


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate's result.

    Attributes:
        detail: what was compared, with the numbers.
        measured: these numbers by name; all are finite.
        champion: the version that it was compared with.
    """

    gate: str
    outcome: Outcome
    detail: str
    measured: Mapping[str, float] = field(default_factory=dict[str, float])
    champion: int | None = None


class Gate(Protocol):
    """Something that a version has to be before it becomes champion by itself."""

    @property
    def name(self) -> str: ...

    def judge(self, case: Case) -> GateResult:
        """What it says of a version."""
        ...


def outcome_of(*, passed: bool) -> Outcome:
    """Of a gate that knows no doubt."""
    return "passed" if passed else "failed"
