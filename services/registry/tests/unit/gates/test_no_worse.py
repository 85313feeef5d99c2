import pytest

from babbitt.registry.domain.gates.no_worse import NoWorse


def answers(right, wrong):
    return [True] * right + [False] * wrong


@pytest.fixture
def judged(case, candidate, compared):
    """A function that holds two lists of answers against each other."""

    def judge(ours, theirs, *, margin=0.02, **more):
        return NoWorse().judge(case(against=candidate(), comparison=compared(ours, theirs, **more), margin=margin))

    return judge


def test_where_there_is_no_champion_nothing_is_worse(case):
    assert NoWorse().judge(case()).outcome == "passed"


def test_why_nothing_can_be_compared_is_told(case, candidate):
    result = NoWorse().judge(case(against=candidate(), comparison="tested on another split"))
    assert (result.outcome, result.detail, result.champion) == ("not_comparable", "tested on another split", 3)


def test_many_records_answered_alike_are_proof_enough(judged):
    result = judged(answers(190, 10), answers(190, 10))
    assert (result.outcome, result.measured["difference"], result.measured["records"]) == ("passed", 0.0, 200.0)
    assert result.champion == 3


def test_few_records_answered_alike_prove_nothing_and_how_many_would_is_told(judged):
    result = judged(answers(80, 0), answers(80, 0))
    assert (result.outcome, result.measured["groups_needed"]) == ("inconclusive", 151.0)
    assert "about 151 groups" in result.detail
    assert judged(answers(150, 0), answers(150, 0)).outcome == "inconclusive"
    enough = judged(answers(151, 0), answers(151, 0))
    assert (enough.outcome, "groups_needed" in enough.measured) == ("passed", False)


def test_without_a_margin_no_number_of_like_answers_is_enough_and_that_is_told(judged):
    result = judged(answers(500, 0), answers(500, 0), margin=0.0)
    assert (result.outcome, "groups_needed" in result.measured) == ("inconclusive", False)
    assert "no number of groups" in result.detail
    assert judged(answers(200, 0), answers(150, 50), margin=0.0).outcome == "passed"


def test_a_version_that_is_clearly_better_needs_fewer_records(judged):
    assert judged(answers(80, 0), answers(60, 20)).outcome == "passed"


def test_a_version_that_is_two_points_worse_fails_though_mcnemar_sees_nothing(judged):
    result = judged(answers(78, 2), answers(80, 0))
    assert result.outcome == "failed"
    assert (result.measured["lost"], result.measured["gained"], result.measured["mcnemar_p"]) == (2.0, 0.0, 0.5)


def test_what_lies_under_the_champion_by_less_than_the_margin_and_is_not_sure_is_inconclusive(judged):
    result = judged(answers(198, 2), answers(200, 0))
    assert result.outcome == "inconclusive"
    assert result.measured["lower_bound"] <= -0.02 < result.measured["difference"]
    assert judged(answers(198, 2), answers(200, 0), margin=0.1).outcome == "passed"


def test_records_of_fewer_than_eight_groups_are_inconclusive_however_many_they_are(judged):
    few = judged(answers(700, 0), answers(600, 100), groups=7)
    assert (few.outcome, few.measured["groups"]) == ("inconclusive", 7.0)
    assert "fewer than 8 groups" in few.detail
    assert judged(answers(800, 0), answers(700, 100), groups=8).outcome == "passed"


def test_losses_that_lie_in_one_group_weigh_more_than_losses_that_are_spread(judged):
    """12 of 600 lost: in one of 20 groups it is a bearing that is no longer understood."""
    spread = [number >= 12 for number in range(600)]
    in_one = [not (number % 20 == 0 and number < 240) for number in range(600)]
    bounds = [judged(ours, answers(600, 0), groups=20).measured["lower_bound"] for ours in (spread, in_one)]
    assert bounds[1] < bounds[0] < -0.02


def test_what_decided_is_repeated_exactly(judged):
    first, second = (judged(answers(150, 50), answers(140, 60), groups=25) for _ in range(2))
    assert first == second


def test_how_often_the_split_has_decided_and_what_was_left_out_are_told(judged):
    result = judged(answers(200, 0), answers(200, 0), learnt={f"{3:064x}"}, decisions=7, unknown=("version 3",))
    assert (result.measured["split_decisions"], result.measured["learnt_from"]) == (7.0, 1.0)
    assert all(
        told in result.detail for told in ("decision 7", "1 that one of the two learnt", "not knowing what vers")
    )
