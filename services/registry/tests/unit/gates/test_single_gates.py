"""Gates that look at a version alone."""

import math
from dataclasses import replace

import pytest

from babbitt.contracts.evaluations import Lineage, Parity
from babbitt.registry.domain.gates.accuracy_floor import AccuracyFloor
from babbitt.registry.domain.gates.case import Finding
from babbitt.registry.domain.gates.digest import Digest
from babbitt.registry.domain.gates.latency import Latency
from babbitt.registry.domain.gates.leakage import Leakage
from babbitt.registry.domain.gates.parity import Parity as ParityGate
from babbitt.registry.domain.gates.policy import Policy
from babbitt.registry.domain.gates.quick import Quick
from babbitt.registry.domain.gates.signature import Signature
from babbitt.registry.domain.gates.untested_classes import UntestedClasses

BROKEN = Finding(sound=False, detail="it is not what its digest says")


def test_a_file_that_is_not_what_its_digest_says_fails_and_says_what_was_found(case):
    result = Digest().judge(case(files=BROKEN))
    assert (result.outcome, result.detail) == ("failed", BROKEN.detail)
    assert Digest().judge(case(signature=BROKEN)).outcome == "passed"


def test_an_artifact_that_nobody_trusted_signed_fails_the_signature_alone(case):
    assert Signature().judge(case(signature=BROKEN)).outcome == "failed"
    assert Signature().judge(case(files=BROKEN)).outcome == "passed"


@pytest.mark.parametrize(("worst", "outcome"), [(1e-3, "passed"), (1.1e-3, "failed"), (math.nan, "failed")])
def test_an_export_may_differ_from_the_module_by_the_bound_and_no_more(case, candidate, worst, outcome):
    assert ParityGate().judge(case(candidate(difference=worst))).outcome == outcome


def test_a_number_that_is_none_is_not_told_as_measured(case, candidate):
    assert "max_abs_difference" not in ParityGate().judge(case(candidate(difference=math.nan))).measured
    assert ParityGate().judge(case(candidate(difference=1e-5))).measured["max_abs_difference"] == 1e-5


@pytest.mark.parametrize("parity", [None, Parity(max_abs_difference=0, bound=1, windows=0)])
def test_a_file_that_was_compared_with_no_module_is_left_to_a_person(case, candidate, parity):
    assert ParityGate().judge(case(replace(candidate(), parity=parity))).outcome == "inconclusive"


@pytest.mark.parametrize(
    ("budget", "took", "outcome"),
    [
        (None, None, "passed"),
        (None, 9.0, "passed"),
        (5.0, 5.0, "passed"),
        (5.0, 5.1, "failed"),
        (5.0, None, "inconclusive"),
    ],
)
def test_a_record_is_answered_within_the_budget_where_there_is_one(case, candidate, evaluated, budget, took, outcome):
    slow = candidate(evaluation=evaluated(latency_ms=took))
    assert Latency().judge(case(slow, latency_budget_ms=budget)).outcome == outcome


@pytest.mark.parametrize(("accuracy", "outcome"), [(0.8, "passed"), (0.7999, "failed"), (math.nan, "failed")])
def test_an_accuracy_under_the_floor_fails(case, candidate, accuracy, outcome):
    result = AccuracyFloor().judge(case(candidate(accuracy=accuracy)))
    assert (result.outcome, result.measured["floor"]) == (outcome, 0.8)


def test_a_version_tested_where_leakage_was_accepted_is_left_to_a_person_who_is_told_the_reason(
    case, candidate, evaluated
):
    result = Leakage().judge(case(candidate(evaluation=evaluated(accepted_leakage="a demonstration"))))
    assert result.outcome == "inconclusive"
    assert "a demonstration" in result.detail
    assert Leakage().judge(case()).outcome == "passed"


def test_a_version_that_was_not_tested_on_one_of_its_classes_is_left_to_a_person_who_is_told_which(
    case, candidate, evaluated
):
    one, other = candidate().model_spec.class_names
    for tested, outcome in (({one: 1.0, other: 0.9}, "passed"), ({other: 1.0}, "inconclusive"), ({}, "passed")):
        result = UntestedClasses().judge(case(candidate(evaluation=evaluated(per_class=tested))))
        assert result.outcome == outcome
        assert (one in result.detail) == (outcome == "inconclusive")


def test_a_trial_is_left_to_a_person(case, candidate):
    assert Quick().judge(case(candidate(lineage=Lineage(quick=True)))).outcome == "inconclusive"
    assert Quick().judge(case()).outcome == "passed"


def test_only_an_automatic_policy_lets_the_gates_decide(case):
    modes = ("automatic", "manual", "shadow_first")
    outcomes = [Policy().judge(case(promotion=mode)).outcome for mode in modes]
    assert outcomes == ["passed", "inconclusive", "inconclusive"]
