"""Intervals by resampling groups."""

import numpy as np
import pytest
from services.training.tests.unit.evaluating.test_scores import one_hot

from babbitt.training.fitting.evaluating.intervals import accuracy_interval, macro_f1_interval
from babbitt.training.fitting.evaluating.scores import Scores


def test_fewer_than_eight_groups_have_no_interval():
    right = np.ones(70, dtype=bool)
    assert accuracy_interval(right, [f"g{row % 7}" for row in range(70)]) is None
    assert accuracy_interval(right, [f"g{row % 8}" for row in range(70)]) is not None


def test_an_interval_holds_the_share_and_repeats_itself():
    right = np.arange(100) % 10 != 0
    groups = [f"g{row}" for row in range(100)]
    interval = accuracy_interval(right, groups)
    assert interval is not None
    low, high = interval
    assert low < 0.9 < high
    assert 0.04 < high - 0.9 < 0.08, "1.96 standard errors of a share of 0.9 among 100"
    assert accuracy_interval(right, groups) == interval


def test_records_that_go_wrong_together_make_the_interval_wider():
    right = np.repeat(np.arange(10) != 0, 10)
    apart = accuracy_interval(right, [f"g{row}" for row in range(100)])
    together = accuracy_interval(right, [f"g{row // 10}" for row in range(100)])
    assert apart
    assert together
    assert together[1] - together[0] > 2 * (apart[1] - apart[0])


def test_groups_of_other_sizes_weigh_as_much_as_they_have_records():
    groups = [f"g{group}" for group in range(10) for _ in range(1 + 9 * (group == 0))]
    right = np.array([group != "g9" for group in groups])
    interval = accuracy_interval(right, groups)
    assert interval is not None
    assert interval[1] == 1.0
    assert interval[0] < 0.8 < right.mean(), "without the large group one of nine is wrong"


@pytest.mark.parametrize(("right", "expected"), [(True, (0.025**0.1, 1.0)), (False, (0.0, 1 - 0.025**0.1))])
def test_where_resampling_sees_no_variation_the_exact_bound_stands_for_it(right, expected):
    interval = accuracy_interval(np.full(50, right), [f"g{row % 10}" for row in range(50)])
    assert interval == pytest.approx(expected)


def test_the_macro_f1_has_an_interval_around_it():
    truth = one_hot(np.arange(90) % 3)
    answer = one_hot(np.where(np.arange(90) % 9 == 0, 1, np.arange(90) % 3))
    scores = Scores(("a", "b", "c"), truth, answer)
    groups = [f"g{row}" for row in range(90)]
    interval = macro_f1_interval(scores, groups)
    assert interval
    assert interval[0] < scores.macro_f1 < interval[1]
    assert macro_f1_interval(Scores(("a", "b", "c"), truth, truth), groups) is None
