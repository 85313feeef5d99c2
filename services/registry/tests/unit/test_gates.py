import math

import pytest

from babbitt.registry.domain.gates import GatePolicy


@pytest.fixture
def policy():
    return GatePolicy(accuracy_floor=0.8, accuracy_margin=0.02)


def outcomes(policy, candidate, champion=None):
    return {result.gate: result.outcome for result in policy.judge(candidate, champion)}


def test_a_first_version_that_is_sound_and_good_enough_passes_every_gate(policy, candidate):
    found = outcomes(policy, candidate(accuracy=0.8))
    assert found == dict.fromkeys(("digest", "parity", "accuracy_floor", "no_worse"), "passed")


def test_an_artifact_that_is_not_what_its_digest_says_fails_and_says_what_was_found(policy, candidate):
    digest, *_ = policy.judge(candidate(verified=False, finding="it is not what its digest says"), None)
    assert (digest.outcome, digest.detail) == ("failed", "it is not what its digest says")


@pytest.mark.parametrize("difference", [1.1e-3, math.nan])
def test_an_export_that_differs_from_the_module_fails_parity(policy, candidate, difference):
    assert outcomes(policy, candidate(difference=difference))["parity"] == "failed"


def test_parity_over_no_window_proves_nothing(policy, candidate, completed):
    nothing = completed().parity.model_copy(update={"windows": 0})
    assert outcomes(policy, candidate(parity=nothing))["parity"] == "failed"


@pytest.mark.parametrize("accuracy", [0.7999, math.nan])
def test_an_accuracy_under_the_floor_fails(policy, candidate, accuracy):
    assert outcomes(policy, candidate(accuracy=accuracy))["accuracy_floor"] == "failed"


@pytest.mark.parametrize(("accuracy", "outcome"), [(0.99, "passed"), (0.94, "passed"), (0.9299, "failed")])
def test_a_version_may_be_under_the_champion_by_the_margin_and_no_more(policy, candidate, accuracy, outcome):
    champion = candidate(accuracy=0.95)
    assert outcomes(policy, candidate(accuracy=accuracy), champion)["no_worse"] == outcome


def test_the_numbers_that_were_compared_are_told(policy, candidate):
    *_, no_worse = policy.judge(candidate(accuracy=0.9), candidate(accuracy=0.95))
    assert all(number in no_worse.detail for number in ("0.9000", "0.9500", "0.0200"))


def test_a_champion_tested_on_another_split_cannot_be_compared_with(policy, candidate):
    assert outcomes(policy, candidate(accuracy=1.0), candidate(split="6" * 64))["no_worse"] == "not_comparable"


@pytest.mark.parametrize(("ours", "theirs"), [("time", "group"), ("time", "record"), ("record", "group")])
def test_evidence_that_proves_less_is_never_held_against_what_proves_more(policy, candidate, ours, theirs):
    champion = candidate(split_kind=theirs, accuracy=0.5)
    assert outcomes(policy, candidate(split_kind=ours, accuracy=1.0), champion)["no_worse"] == "not_comparable"


def test_a_version_tested_where_leakage_was_accepted_is_never_promoted_by_itself_and_the_reason_is_told(
    policy, candidate, completed
):
    evaluation = completed(accuracy=1.0).evaluation.model_copy(update={"accepted_leakage": "a demonstration"})
    *_, leakage = policy.judge(candidate(evaluation=evaluation), None)
    assert (leakage.gate, leakage.outcome) == ("leakage", "inconclusive")
    assert "a demonstration" in leakage.detail


def test_a_split_by_group_with_a_class_divided_in_time_proves_no_more_than_time(policy, candidate, completed):
    found = completed(accuracy=1.0, split_kind="group").evaluation
    in_time = candidate(evaluation=found.model_copy(update={"split_in_time": ("sain",), "test_split_sha256": "6" * 64}))
    for champion in (candidate(split_kind="record"), candidate(split_kind="group")):
        no_worse = policy.judge(in_time, champion)[3]
        assert no_worse.outcome == "not_comparable"
        assert "tested by group and, for sain, by time, the champion by" in no_worse.detail
    assert "another split" in policy.judge(candidate(split_kind="time"), in_time)[3].detail


def test_a_version_that_was_not_tested_on_one_of_its_classes_is_never_promoted_by_itself(policy, candidate, completed):
    made = completed(accuracy=1.0)
    tested = dict.fromkeys(made.model_spec.class_names, 1.0)
    missing, *others = tested
    every = made.evaluation.model_copy(update={"per_class": tested})
    some = made.evaluation.model_copy(update={"per_class": dict.fromkeys(others, 1.0)})
    assert "untested_classes" not in outcomes(policy, candidate(evaluation=every))
    *_, untested = policy.judge(candidate(evaluation=some), None)
    assert (untested.gate, untested.outcome) == ("untested_classes", "inconclusive")
    assert missing in untested.detail


def test_a_version_that_reads_or_tells_other_things_cannot_be_compared(policy, candidate, completed):
    champion = candidate()
    classes = completed().model_spec.model_copy(update={"class_names": ("sain", "usure")})
    assert outcomes(policy, candidate(rate_hz=2e3), champion)["no_worse"] == "not_comparable"
    assert outcomes(policy, candidate(model_spec=classes), champion)["no_worse"] == "not_comparable"
