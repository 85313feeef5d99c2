import pytest

from babbitt.contracts.model_requests import GatePolicy
from babbitt.registry.domain.gates.case import GateResult
from babbitt.registry.domain.judgement import GATES, alias_earned


def results(**outcomes):
    return [GateResult(gate.name, outcomes.get(gate.name, "passed"), "") for gate in GATES]


def test_every_gate_has_a_name_of_its_own():
    assert len({gate.name for gate in GATES}) == len(GATES)


@pytest.mark.parametrize("gate", [gate.name for gate in GATES])
@pytest.mark.parametrize("outcome", ["failed", "inconclusive", "not_comparable"])
def test_one_gate_that_does_not_pass_leaves_a_version_to_a_person(gate, outcome):
    automatic = GatePolicy()
    assert alias_earned(results(), automatic) == "champion"
    assert alias_earned(results(**{gate: outcome}), automatic) is None


def test_by_hand_nothing_is_earned():
    assert alias_earned(results(policy="inconclusive"), GatePolicy(promotion="manual")) is None


def test_where_shadow_comes_first_what_passes_becomes_shadow_and_too_few_groups_are_no_hindrance():
    rules, undecided = GatePolicy(promotion="shadow_first"), {"policy": "inconclusive"}
    assert alias_earned(results(**undecided), rules) == "shadow"
    assert alias_earned(results(**undecided, no_worse="inconclusive"), rules) == "shadow"
    for worse in (
        {"no_worse": "failed"},
        {"quick": "inconclusive"},
        {"no_worse": "not_comparable"},
        {"digest": "failed"},
    ):
        assert alias_earned(results(**undecided, **worse), rules) is None
