import pytest

from babbitt.registry.domain.gates.evidence import Evidence


@pytest.mark.parametrize(
    ("ours", "theirs"), [("time", "group"), ("time", "record"), ("record", "group"), ("predefined", "record")]
)
def test_evidence_that_proves_less_is_never_held_against_what_proves_more(case, candidate, ours, theirs):
    weak, strong = candidate(split_kind=ours), candidate(split_kind=theirs)
    assert Evidence().judge(case(weak, against=strong)).outcome == "inconclusive"
    assert Evidence().judge(case(strong, against=weak)).outcome == "passed"
    assert Evidence().judge(case(strong, against=strong)).outcome == "passed"


def test_a_class_divided_in_time_makes_evidence_by_group_one_by_time_and_is_named(case, candidate, evaluated):
    in_part = candidate(evaluation=evaluated(split_kind="group", split_in_time=("sain",)))
    result = Evidence().judge(case(in_part, against=candidate(split_kind="record")))
    assert result.outcome == "inconclusive"
    assert "tested by group and, for sain, by time, the champion by record" in result.detail
    assert Evidence().judge(case(in_part, against=candidate(split_kind="time"))).outcome == "passed"
