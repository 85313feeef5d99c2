"""Temperature, prediction sets, thresholds of novelty."""

import numpy as np
import pytest
from services.training.tests.unit.evaluating.conftest import spec_of

from babbitt.contracts.answers import calibrated, in_prediction_set
from babbitt.training.fitting.evaluating.by_group import groups_needed, lower_bound_of_new
from babbitt.training.fitting.evaluating.calibration import fit_calibration
from babbitt.training.fitting.evaluating.novelty import fit_novelty
from babbitt.training.fitting.evaluating.reliability import calibration_error, reliability

SPEC = spec_of()


def drawn(records, sharpness, seed=0):
    """Honest probabilities with what is true of them, made too sure (or unsure) by a power."""
    draw = np.random.default_rng(seed)
    honest = draw.dirichlet(np.ones(3), size=records)
    truth = np.eye(3, dtype=bool)[[draw.choice(3, p=row) for row in honest]]
    sharper = honest**sharpness
    return sharper / sharper.sum(axis=1, keepdims=True), truth


@pytest.mark.parametrize("sharpness", [0.4, 3.0])
def test_a_temperature_takes_back_what_made_answers_too_sure_or_unsure(sharpness):
    voted, truth = drawn(3000, sharpness)
    calibration = fit_calibration(voted, truth, [f"g{row}" for row in range(3000)], SPEC)
    assert calibration is not None
    assert calibration.temperature == pytest.approx(sharpness, rel=0.1)
    spec = SPEC.model_copy(update={"calibration": calibration})
    before, after = (calibration_error(reliability(values, truth, SPEC)) for values in (voted, calibrated(voted, spec)))
    assert before is not None
    assert after is not None
    assert after < 0.03 < before


def test_sets_hold_the_truth_of_new_groups_as_often_as_promised():
    held = []
    for seed in range(40):
        draw = np.random.default_rng(seed)
        hard = draw.beta(2, 2, size=(24, 1))  # bearings differ: in one the truth is likely, in another it is not
        truth = np.repeat(hard, 6, axis=1) ** draw.uniform(0.5, 2.0, size=(24, 6))
        voted = np.stack([truth, (1 - truth) * 0.6, (1 - truth) * 0.4], axis=-1)
        targets = np.zeros(voted.shape, dtype=bool)
        targets[..., 0] = True
        groups = np.repeat([f"g{group}" for group in range(19)], 6)
        known, unseen = slice(0, 19), slice(19, 24)
        calibration = fit_calibration(voted[known].reshape(-1, 3), targets[known].reshape(-1, 3), groups.tolist(), SPEC)
        assert calibration is not None
        assert calibration.nominal_coverage == pytest.approx(0.9)
        spec = SPEC.model_copy(update={"calibration": calibration})
        sets = in_prediction_set(calibrated(voted[unseen], spec), spec)
        assert sets is not None
        held.append(sets[..., 0].mean())
    assert 0.86 < np.mean(held) < 0.98


@pytest.mark.parametrize(("groups", "promised"), [(8, None), (9, 0.9)])
def test_ninety_percent_needs_nine_groups_however_many_records_there_are(groups, promised):
    voted, truth = drawn(groups * 50, 1.0)
    calibration = fit_calibration(voted, truth, [f"g{row % groups}" for row in range(len(voted))], SPEC)
    assert calibration is not None
    assert calibration.nominal_coverage == promised
    assert calibration.groups == groups
    assert ("needs 9 groups" in calibration.note) == (promised is None)
    assert groups_needed(0.9) == 9


def test_with_too_few_groups_sets_still_hold_the_truth_of_every_calibration_record():
    voted, truth = drawn(60, 1.0)
    calibration = fit_calibration(voted, truth, ["a", "b", "c"] * 20, SPEC)
    spec = SPEC.model_copy(update={"calibration": calibration})
    sets = in_prediction_set(calibrated(voted, spec), spec)
    assert sets is not None
    assert (sets | ~truth).all()


def test_a_few_groups_that_were_all_right_do_not_make_the_next_one_certain():
    sure = np.tile([0.9, 0.05, 0.05], (6, 1))
    truth = np.tile([True, False, False], (6, 1))
    calibration = fit_calibration(sure, truth, [f"g{row}" for row in range(6)], SPEC)
    assert calibration is not None
    spec = SPEC.model_copy(update={"calibration": calibration})
    assert calibrated(sure, spec)[0, 0] == pytest.approx(1 - 1 / 8, abs=5e-3)


def test_faults_that_do_not_exclude_each_other_are_calibrated_together():
    draw = np.random.default_rng(0)
    honest = draw.uniform(0.02, 0.98, size=(3000, 3))
    truth = draw.uniform(size=honest.shape) < honest
    odds = (honest / (1 - honest)) ** 2.0
    spec = spec_of(task="multilabel")
    calibration = fit_calibration(odds / (1 + odds), truth, [f"g{row}" for row in range(3000)], spec)
    assert calibration is not None
    assert calibration.temperature == pytest.approx(2.0, rel=0.1)


def test_sets_of_faults_that_do_not_exclude_each_other_hold_all_of_them():
    spec = spec_of(task="multilabel")
    voted = np.array([[0.9, 0.3, 0.1], [0.8, 0.1, 0.2], [0.7, 0.2, 0.6]])
    truth = np.array([[True, True, False], [True, False, False], [False, False, True]])
    spec = spec.model_copy(update={"calibration": fit_calibration(voted, truth, ["a", "b", "c"], spec)})
    sets = in_prediction_set(calibrated(voted, spec), spec)
    assert sets is not None
    assert (sets | ~truth).all()


def test_a_group_with_many_records_does_not_move_the_temperature_more_than_one_with_few():
    voted, truth = drawn(200, 2.0)
    groups = [f"g{row}" for row in range(200)]
    once = fit_calibration(voted, truth, groups, SPEC)
    again = fit_calibration(
        np.concatenate([voted, np.repeat(voted[:1], 500, axis=0)]),
        np.concatenate([truth, np.repeat(truth[:1], 500, axis=0)]),
        groups + ["g0"] * 500,
        SPEC,
    )
    assert once is not None
    assert again == once


def test_nothing_is_calibrated_on_nothing_nor_where_a_score_alone_tells():
    assert fit_calibration(np.empty((0, 3)), np.empty((0, 3), dtype=bool), [], SPEC) is None
    one = spec_of(task="one_class", class_names=("healthy",))
    assert fit_calibration(np.ones((5, 1)), np.ones((5, 1), dtype=bool), list("abcde"), one) is None


def test_a_group_counts_once_however_many_records_it_has():
    values = np.concatenate([np.full(1000, 0.1), np.linspace(0.5, 0.9, 19)])
    groups = ["large"] * 1000 + [f"g{row}" for row in range(19)]
    assert lower_bound_of_new(values, groups, 0.9) == pytest.approx(0.5)


def test_a_threshold_of_novelty_comes_from_held_out_groups():
    scores = np.arange(99.0)
    groups = [f"g{row}" for row in range(99)]
    rule = fit_novelty(scores, groups, false_alarm_share=0.1)
    assert rule is not None
    assert (rule.threshold, rule.groups, rule.note) == (89.0, 99, "")
    assert rule.false_alarm_share == pytest.approx(9 / 99)


def test_with_too_few_groups_the_threshold_is_the_highest_score_and_says_so():
    rule = fit_novelty(np.array([1.0, 3.0, 2.0]), ["a", "b", "c"])
    assert rule is not None
    assert (rule.threshold, rule.false_alarm_share) == (3.0, 0.0)
    assert "99 groups" in rule.note
    assert fit_novelty(np.empty(0), []) is None
