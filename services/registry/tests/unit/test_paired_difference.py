"""The statistics behind `no_worse`: known values, and how often challengers pass by chance: see `bench/gates.py`."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babbitt.registry.domain.paired_difference import (
    ASSUMED_CORRELATION,
    PairedDifference,
    exact_mcnemar,
    groups_needed,
    lower_bound,
)
from babbitt.registry.domain.pairs import Pairs

MARGIN = 0.02


def pairs(ours, theirs, groups=None):
    count = len(ours)
    return Pairs(
        groups=np.array([str(group) for group in (groups if groups is not None else range(count))]),
        labels=np.full(count, "sain"),
        ours=np.asarray(ours, dtype=bool),
        theirs=np.asarray(theirs, dtype=bool),
        learnt_from=0,
    )


def passing(*, records, difference, disagreement, draws):
    """Shares of challengers that McNemar finds no fault with, and whose bound lies above -margin.

    Challenger and champion disagree on this share of records, each a group of its own.
    """
    lost, gained = (disagreement - difference) / 2, (disagreement + difference) / 2
    counts = np.random.default_rng(7).multinomial(records, [gained, lost, 1 - gained - lost], size=draws)
    by_mcnemar = by_bound = 0.0
    for (gains, losses, _), times in zip(*np.unique(counts, axis=0, return_counts=True), strict=True):
        alone = np.ones(records, dtype=int)
        changes = np.repeat([1, -1, 0], [gains, losses, records - gains - losses])
        by_mcnemar += times * (exact_mcnemar(int(gains), int(losses)) >= 0.05)
        by_bound += times * (lower_bound(changes, alone, resamples=2000) > -MARGIN)
    return by_mcnemar / draws, by_bound / draws


@pytest.mark.parametrize(("gained", "lost"), [(0, 0), (0, 1), (0, 2), (0, 5), (0, 6), (3, 9), (10, 10)])
def test_mcnemars_p_is_that_of_a_fair_coin(gained, lost):
    tosses = gained + lost
    as_far = [count for count in range(tosses + 1) if abs(count - tosses / 2) >= abs(gained - tosses / 2)]
    assert exact_mcnemar(gained, lost) == pytest.approx(sum(comb(tosses, count) for count in as_far) / 2**tosses)


def test_counts_are_those_of_the_pairs():
    found = PairedDifference.of(pairs([1, 1, 0, 0, 1], [1, 0, 1, 0, 0], ["a", "a", "b", "b", "b"]))
    assert (found.records, found.groups, found.gained, found.lost) == (5, 2, 2, 1)
    assert found.difference == pytest.approx(0.2)


def test_without_a_loss_the_bound_is_the_rule_of_three():
    """Of n records without a loss, 3/n may be lost: the 95th percentile of one more that is drawn again and again."""
    for records in (50, 200, 1000):
        bound = lower_bound(np.zeros(records, dtype=int), np.ones(records, dtype=int))
        assert bound == pytest.approx(-3 / records, rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(3, 6)), min_size=8, max_size=30))
def test_the_bound_lies_under_the_difference_and_does_not_mind_the_order_of_groups(told):
    changes, records = np.array(told).T
    bound = lower_bound(changes, records)
    assert bound <= changes.sum() / records.sum()
    assert bound == lower_bound(changes[::-1], records[::-1])


def test_a_group_without_a_loss_counts_for_as_many_records_as_it_is_worth():
    """3/n of the groups may lose what the design effect leaves of them."""
    worth = (1 + 29 * ASSUMED_CORRELATION) / 30
    bound = lower_bound(np.zeros(200, dtype=int), np.full(200, 30))
    assert bound == pytest.approx(-3 / 200 * worth, rel=1e-9)


@pytest.mark.parametrize("size", [1, 10, 60])
def test_as_many_groups_as_are_needed_are_the_first_that_pass(size):
    def alike(groups):
        return pairs(np.ones(groups * size), np.ones(groups * size), np.repeat(np.arange(groups), size))

    needed = groups_needed(alike(8), MARGIN)
    bounds = [PairedDifference.of(alike(groups)).lower_bound for groups in (needed - 1, needed)]
    assert bounds[0] <= -MARGIN < bounds[1]
    assert size > 1 or needed == 151


def test_what_gains_in_most_of_few_groups_needs_hardly_more_of_them():
    ours, theirs = np.ones(200), np.arange(200) % 10 > 0
    few = groups_needed(pairs(ours, theirs, np.repeat(np.arange(4), 50)), MARGIN)
    assert 8 <= few < 20


@pytest.mark.parametrize(("lost", "margin"), [(3, MARGIN), (2, MARGIN), (0, 0.0)])
def test_no_number_of_groups_shows_what_is_not_so(lost, margin):
    assert groups_needed(pairs(np.arange(100) >= lost, np.ones(100)), margin) is None


def clustered(groups, size, correlation, difference, draws):
    """The share whose bound lies above -margin of those that lose or gain by groups, whole ones where it is 1."""
    rng, share = np.random.default_rng(5), abs(difference)
    sign, concentration = np.sign(difference), (1 / correlation - 1) or None
    passed = 0
    for _ in range(draws):
        of_group = (
            rng.beta(share * concentration, (1 - share) * concentration, groups)
            if concentration
            else rng.random(groups) < share
        )
        changes = (sign * rng.binomial(size, of_group)).astype(int)
        passed += lower_bound(changes, np.full(groups, size), resamples=1000) > -MARGIN
    return passed / draws


@pytest.mark.parametrize(("groups", "size"), [(8, 60), (20, 30), (60, 30)])
@pytest.mark.parametrize("correlation", [0.1, 0.3])
def test_who_loses_the_margin_by_groups_passes_seldom(groups, size, correlation):
    assert clustered(groups, size, correlation, -0.02, 60) <= 0.1


def test_a_group_that_was_wholly_lost_is_seldom_missed_by_few_groups_and_five_points_better_still_passes():
    assert clustered(8, 60, 1.0, -0.04, 60) == 0
    assert clustered(20, 30, 1.0, -0.02, 60) == 0
    assert clustered(20, 30, 0.1, 0.05, 60) > 0.9


def test_a_challenger_two_points_worse_passes_mcnemar_nearly_always_and_no_worse_nearly_never():
    by_mcnemar, by_bound = passing(records=80, difference=-0.02, disagreement=0.04, draws=10_000)
    assert by_mcnemar > 0.97
    assert by_bound < 0.01


def test_enough_records_tell_an_equal_challenger_from_a_worse_one():
    assert passing(records=1500, difference=-0.02, disagreement=0.03, draws=60)[1] < 0.1
    assert passing(records=1500, difference=0.0, disagreement=0.03, draws=60)[1] > 0.9
