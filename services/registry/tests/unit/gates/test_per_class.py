import pytest

from babbitt.registry.domain.gates.per_class import PerClass


def lost(*, sain, oilwhirl, records=200):
    """Answers of a version that loses so many records of each class; they take turns."""
    left = [sain, oilwhirl]
    answers = []
    for number in range(records):
        left[number % 2] -= 1
        answers.append(left[number % 2] < 0)
    return answers


@pytest.mark.parametrize(
    ("sain", "records", "outcome"),
    [
        (2, 20, "passed"),  # 20 % of a class, but two records
        (3, 20, "failed"),
        (3, 400, "passed"),  # more than two, but within the margin
        (5, 400, "failed"),
    ],
)
def test_a_class_falls_by_more_than_the_margin_and_two_records_or_it_passes(
    case, candidate, compared, sain, records, outcome
):
    comparison = compared(lost(sain=sain, oilwhirl=0, records=records), [True] * records)
    result = PerClass().judge(case(against=candidate(), comparison=comparison))
    assert result.outcome == outcome
    assert ("sain by" in result.detail) == (outcome == "failed")


def test_a_class_that_falls_is_not_paid_for_by_another_that_rises(case, candidate, compared):
    ours, theirs = lost(sain=10, oilwhirl=0), lost(sain=0, oilwhirl=60)
    result = PerClass().judge(case(against=candidate(), comparison=compared(ours, theirs)))
    assert (result.outcome, result.measured["largest_fall"]) == ("failed", 0.1)


def test_what_cannot_be_compared_is_told_and_without_a_champion_nothing_falls(case, candidate):
    assert PerClass().judge(case(against=candidate(), comparison="other split")).outcome == "not_comparable"
    assert PerClass().judge(case()).outcome == "passed"
