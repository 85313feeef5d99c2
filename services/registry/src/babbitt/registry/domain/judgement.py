"""All gates over one version, and what follows."""

from collections.abc import Sequence

from babbitt.contracts.model_requests import GatePolicy
from babbitt.contracts.names import CHAMPION
from babbitt.registry.domain.gates.accuracy_floor import AccuracyFloor
from babbitt.registry.domain.gates.case import Case, Gate, GateResult
from babbitt.registry.domain.gates.digest import Digest
from babbitt.registry.domain.gates.evidence import Evidence
from babbitt.registry.domain.gates.interface import Interface
from babbitt.registry.domain.gates.latency import Latency
from babbitt.registry.domain.gates.leakage import Leakage
from babbitt.registry.domain.gates.no_worse import NoWorse
from babbitt.registry.domain.gates.parity import Parity
from babbitt.registry.domain.gates.per_class import PerClass
from babbitt.registry.domain.gates.policy import Policy
from babbitt.registry.domain.gates.quick import Quick
from babbitt.registry.domain.gates.signature import Signature
from babbitt.registry.domain.gates.untested_classes import UntestedClasses

GATES: tuple[Gate, ...] = (
    Digest(),
    Signature(),
    Parity(),
    Latency(),
    AccuracyFloor(),
    Interface(),
    Evidence(),
    NoWorse(),
    PerClass(),
    Leakage(),
    UntestedClasses(),
    Quick(),
    Policy(),
)

SHADOW = "shadow"


def judge(case: Case) -> tuple[GateResult, ...]:
    """Every gate's result, in order. Takes some milliseconds: no work for an event loop."""
    return tuple(gate.judge(case) for gate in GATES)


def alias_earned(results: Sequence[GateResult], policy: GatePolicy) -> str | None:
    """The alias that a version with these results gets without a person; None: none.

    Where shadow comes first, too few groups are no hindrance: what a shadow answers is how more become known.
    """
    if all(result.outcome == "passed" for result in results):  # the policy's among them
        return CHAMPION
    if policy.promotion == "shadow_first" and all(_may_shadow(result) for result in results):
        return SHADOW
    return None


def _may_shadow(result: GateResult) -> bool:
    unproved = result.gate == NoWorse.name and result.outcome == "inconclusive"
    return result.outcome == "passed" or result.gate == Policy.name or unproved
