import numpy as np
import pytest

from babbitt.contracts.dataspec import Calibration, ModelSpec, NoveltyRule
from babbitt.inference.domain.diagnosis import diagnose

SPEC = ModelSpec(family="tiny", window_samples=64, hop_samples=32, class_names=("sain", "oilwhirl"))


def said(*windows, novelty=None):
    outputs = {"probabilities": np.array(windows, np.float32)}
    return outputs if novelty is None else outputs | {"novelty": np.array(novelty, np.float32)}


def spec(**more):
    return SPEC.model_copy(update=more)


def test_a_record_is_answered_by_the_mean_of_its_windows_probabilities():
    diagnosis = diagnose(said([0.9, 0.1], [0.2, 0.8], [0.3, 0.7]), SPEC)
    assert diagnosis.fault == "oilwhirl"
    assert diagnosis.confidence == pytest.approx(1.6 / 3)
    assert diagnosis.probabilities == pytest.approx({"sain": 1.4 / 3, "oilwhirl": 1.6 / 3})
    assert diagnosis.windows == 3
    assert (diagnosis.prediction_set, diagnosis.coverage, diagnosis.novel, diagnosis.novelty) == (None,) * 4


def test_a_majority_of_windows_does_not_outvote_a_surer_minority():
    assert diagnose(said([0.45, 0.55], [0.45, 0.55], [0.99, 0.01]), SPEC).fault == "sain"


def test_a_calibrated_model_says_what_else_it_may_be_and_how_often_such_sets_are_right():
    calibrated = spec(calibration=Calibration(temperature=2.0, set_threshold=0.3, nominal_coverage=0.9))
    diagnosis = diagnose(said([0.8, 0.2]), calibrated)
    assert diagnosis.probabilities == pytest.approx({"sain": 2 / 3, "oilwhirl": 1 / 3})
    assert (diagnosis.prediction_set, diagnosis.coverage) == (("sain", "oilwhirl"), 0.9)


@pytest.mark.parametrize(("scores", "novel"), [([1.0, 2.9], False), ([1.0, 3.1], True)])
def test_a_record_is_novel_by_the_mean_of_its_windows_scores(scores, novel):
    diagnosis = diagnose(said([0.9, 0.1], [0.9, 0.1], novelty=scores), spec(novelty=NoveltyRule(threshold=2.0)))
    assert diagnosis.novel is novel
    assert diagnosis.novelty == pytest.approx(np.mean(scores))


def severe(*windows, shares, **more):
    return diagnose(said(*windows) | {"severity": np.array(shares, np.float32)}, spec(**more)).severity


def test_how_far_a_fault_has_gone_is_the_mean_over_the_windows_and_of_health_nothing():
    assert severe([0.1, 0.9], [0.2, 0.8], shares=[0.2, 0.6]) == pytest.approx(0.4)
    assert severe([0.9, 0.1], shares=[0.6]) is None
    assert severe([0.2, 0.3], shares=[0.6], task="multilabel") is None
    assert diagnose(said([0.1, 0.9]), SPEC).severity is None


def test_what_lies_far_from_what_was_learnt_is_novel_though_its_score_is_low():
    rule = spec(novelty=NoveltyRule(threshold=2.0))
    diagnosis = diagnose(said([0.9, 0.1], novelty=[0.0]), rule, far=("it is loud",))
    assert (diagnosis.novel, diagnosis.novelty, diagnosis.warnings) == (True, 0.0, ("it is loud",))


@pytest.mark.parametrize(
    ("probabilities", "fault", "confidence"),
    [([0.7, 0.9], "oilwhirl", 0.9), ([0.1, 0.5], "oilwhirl", 0.5), ([0.1, 0.4], "healthy", 0.6)],
)
def test_of_faults_beside_each_other_the_likeliest_is_named_or_health_where_none_is_likely(
    probabilities, fault, confidence
):
    diagnosis = diagnose(said(probabilities), spec(task="multilabel"))
    assert (diagnosis.fault, diagnosis.confidence) == (fault, pytest.approx(confidence))
    assert list(diagnosis.probabilities.values()) == pytest.approx(probabilities)


@pytest.mark.parametrize(
    ("score", "health", "rule", "fault", "confidence"),
    [
        (1.0, 0.4, NoveltyRule(threshold=2.0), "healthy", 0.881),
        (3.0, 0.9, NoveltyRule(threshold=2.0), "novel", 0.881),
        (-1.0, 0.4, NoveltyRule(threshold=-2.0), "novel", 0.881),
        (1.0, 0.4, None, "novel", 0.6),
        (1.0, 0.6, None, "healthy", 0.6),
    ],
)
def test_who_knows_health_alone_says_healthy_or_novel_by_its_rule_or_else_by_its_probability(
    score, health, rule, fault, confidence
):
    one_class = spec(task="one_class", class_names=("sain",), novelty=rule)
    diagnosis = diagnose(said([health], novelty=[score]), one_class)
    assert (diagnosis.fault, diagnosis.confidence) == (fault, pytest.approx(confidence, abs=1e-3))
    assert diagnosis.probabilities["sain"] == pytest.approx(
        confidence if fault == "healthy" else 1 - confidence, abs=1e-3
    )
    loud = diagnose(said([health], novelty=[score]), one_class, far=("it is loud",))
    assert (loud.fault, loud.confidence > 0.5 > loud.probabilities["sain"]) == ("novel", True)
