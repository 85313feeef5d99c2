"""A record's answer."""

import numpy as np
import pytest

from babbitt.contracts.answers import calibrated, decided, health, record_answer, record_novelty, tempered
from babbitt.contracts.dataspec import Calibration, ModelSpec, NoveltyRule

SPEC = ModelSpec(family="any_small", window_samples=4, hop_samples=4, class_names=("healthy", "inner", "outer"))


def calibrated_spec(**values: float) -> ModelSpec:
    return SPEC.model_copy(update={"calibration": Calibration.model_validate(values)})


def test_a_records_answer_is_the_mean_of_its_windows() -> None:
    answer = record_answer(np.array([[0.9, 0.1, 0.0], [0.1, 0.3, 0.6]], dtype=np.float32), SPEC)
    np.testing.assert_allclose(answer.probabilities, [0.5, 0.2, 0.3], atol=1e-7)
    assert (answer.fault, answer.windows) == ("healthy", 2)
    assert (answer.prediction_set, answer.coverage) == (None, None)


def test_of_equally_likely_classes_the_first_is_answered() -> None:
    assert record_answer(np.array([[0.2, 0.4, 0.4]]), SPEC).fault == "inner"


def test_a_temperature_above_one_makes_less_sure_and_below_one_surer() -> None:
    windows = np.array([[0.7, 0.2, 0.1]])
    unsure, sure = (record_answer(windows, calibrated_spec(temperature=t)) for t in (2.0, 0.5))
    assert unsure.confidence < 0.7 < sure.confidence
    for answer in (unsure, sure):
        assert answer.fault == "healthy"
        assert answer.probabilities.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(sure.probabilities, np.square(windows[0]) / np.square(windows[0]).sum())


def test_no_temperature_makes_a_probability_that_is_no_number() -> None:
    for temperature in (1e-3, 1000.0):
        assert np.isfinite(
            calibrated(np.array([1.0 / 3, 2.0 / 3, 0.0]), calibrated_spec(temperature=temperature))
        ).all()


def test_a_set_holds_the_classes_at_or_above_the_threshold_the_likeliest_first() -> None:
    spec = calibrated_spec(set_threshold=0.25, nominal_coverage=0.9)
    answer = record_answer(np.array([[0.25, 0.6, 0.15]]), spec)
    assert answer.prediction_set == ("inner", "healthy")
    assert answer.coverage == pytest.approx(0.9)


def test_a_set_holds_the_likeliest_class_even_below_the_threshold() -> None:
    assert record_answer(np.array([[0.3, 0.4, 0.3]]), calibrated_spec(set_threshold=0.5)).prediction_set == ("inner",)


def test_faults_that_do_not_exclude_each_other_are_calibrated_each_by_itself_and_their_set_may_be_empty() -> None:
    spec = calibrated_spec(temperature=2.0, set_threshold=0.5).model_copy(update={"task": "multilabel"})
    answer = record_answer(np.array([[0.8, 0.9, 0.2]]), spec)
    np.testing.assert_allclose(answer.probabilities[:2], [2 / 3, 3 / 4], atol=1e-12)
    assert answer.prediction_set == ("inner", "healthy")
    assert record_answer(np.array([[0.1, 0.2, 0.3]]), spec).prediction_set == ()


def test_many_records_are_tempered_as_one_is() -> None:
    many = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    for exclusive in (True, False):
        together = tempered(many, 3.0, exclusive=exclusive)
        np.testing.assert_array_equal(together, [tempered(one, 3.0, exclusive=exclusive) for one in many])


def test_a_record_is_novel_when_its_mean_score_lies_above_the_threshold() -> None:
    spec = SPEC.model_copy(update={"novelty": NoveltyRule(threshold=2.0)})
    at, above = (record_novelty(np.array([1.0, last], dtype=np.float32), spec) for last in (3.0, 3.5))
    assert at
    assert above
    assert (at.novel, above.novel) == (False, True)
    assert above.score == pytest.approx(2.25)


def test_without_a_rule_nobody_knows_what_is_novel() -> None:
    assert record_novelty(np.array([9.0]), SPEC) is None


def test_a_fault_is_told_from_one_half_on() -> None:
    assert decided(np.array([0.49, 0.5, 0.51])).tolist() == [False, True, True]


@pytest.mark.parametrize("threshold", [1.2, -3.0, 0.0])
def test_health_is_the_likelier_exactly_where_a_score_raises_no_alarm(threshold: float) -> None:
    rule = NoveltyRule(threshold=threshold)
    scores = threshold + np.array([-1000.0, -0.1, 0.0, 0.1, 1000.0])
    likely = health(scores, rule)
    assert (likely >= 0.5).tolist() == [True, True, True, False, False]
    assert np.all(np.diff(likely) < 0)
    assert np.all((likely >= 0) & (likely <= 1))
