"""Truth and answers, for each of the three tasks."""

import numpy as np
import pytest
from services.training.tests.unit.evaluating.conftest import answering, records_of, spec_of

from babbitt.contracts.dataspec import NoveltyRule
from babbitt.training.fitting.evaluating.answering import Answers
from babbitt.training.fitting.evaluating.ranking import class_auroc, macro_auroc
from babbitt.training.fitting.evaluating.scores import Scores, answer_names, record_scores, window_scores

MIXED_UP = answering([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.0, 0.6, 0.4]])  # takes outer for inner


def one_hot(places, classes=3):
    return np.eye(classes, dtype=bool)[places]


def test_accuracy_recall_precision_and_f1_follow_from_truth_and_answers():
    scores = Scores(("a", "b", "c"), one_hot([0, 0, 0, 1, 1]), one_hot([0, 0, 1, 1, 1]))
    assert scores.accuracy == pytest.approx(0.8)
    np.testing.assert_allclose(scores.recall, [2 / 3, 1.0, 0.0])
    np.testing.assert_allclose(scores.precision, [1.0, 2 / 3, 0.0])
    np.testing.assert_array_equal(scores.confusion, [[2, 1, 0], [0, 2, 0], [0, 0, 0]])
    assert scores.macro_f1 == pytest.approx(0.8), "the class that never occurs counts neither way"


def test_a_record_is_answered_by_all_its_windows_and_each_window_by_itself():
    records = records_of(["inner", "outer"])
    answers = records.answered(MIXED_UP, spec_of())
    assert record_scores(answers, records.targets).right.tolist() == [True, False]
    assert window_scores(answers, records.targets).right.tolist() == [True, True, False, False]


def test_many_records_are_answered_in_batches_that_keep_each_ones_windows_together():
    records = records_of(["inner", "outer", "healthy"] * 15, windows=5)
    answers = records.answered(MIXED_UP, spec_of())
    assert answers.windows_of_records().tolist() == [5] * 45
    np.testing.assert_allclose(answers.voted()[1], [0.0, 0.6, 0.4], atol=1e-6)


def test_of_faults_that_do_not_exclude_each_other_all_must_be_right():
    spec = spec_of(task="multilabel", class_names=("inner", "outer"))
    both = answering([[0.1, 0.2], [0.9, 0.8], [0.1, 0.9]])
    records = records_of(["healthy", "inner", "outer"], classes=("inner", "outer"))
    answers = records.answered(both, spec)
    scores = record_scores(answers, records.targets)
    assert scores.right.tolist() == [True, False, True]
    assert answer_names(scores, spec) == ["healthy", "inner+outer", "outer"]
    auroc = class_auroc(answers, records.targets)
    assert auroc == [pytest.approx(1.0), pytest.approx(1.0)]
    assert macro_auroc(spec, auroc) == pytest.approx(1.0)


def test_of_a_one_class_model_the_alarm_is_right_or_wrong():
    spec = spec_of(task="one_class", class_names=("healthy",), novelty=NoveltyRule(threshold=2.0))
    records = records_of(["healthy", "inner", "outer"], classes=("healthy",))
    answers = records.answered(answering([[1.0], [0.5], [0.0]], novelty=[1.0, 1.5, 3.0]), spec)
    scores = record_scores(answers, records.targets)
    assert scores.right.tolist() == [True, False, True]
    assert answer_names(scores, spec) == ["healthy", "healthy", "novel"]
    np.testing.assert_array_equal(scores.confusion, [[1, 0], [1, 1]])
    assert macro_auroc(spec, class_auroc(answers, records.targets)) == pytest.approx(1.0), "scores rank them all"


def test_an_area_is_the_share_of_pairs_in_order_and_a_tie_counts_half():
    draw = np.random.default_rng(0)
    score = draw.integers(0, 5, size=40).astype(float)
    positive = draw.random(40) < 0.4
    truth = np.stack([positive, ~positive, ~positive], axis=1)
    records = records_of([["inner", "healthy"][int(one)] for one in positive])
    for row in range(40):
        records.waveforms[row][:] = score[row]
    tied = answering([[place / 10, 0.0, 0.0] for place in range(5)])
    above = (score[positive][:, None] > score[~positive]).mean()
    tie = (score[positive][:, None] == score[~positive]).mean()
    area = class_auroc(records.answered(tied, spec_of()), truth)[0]
    assert area == pytest.approx(above + tie / 2)


def test_no_area_is_told_where_only_one_side_occurs():
    records = records_of(["inner", "inner"])
    assert class_auroc(records.answered(MIXED_UP, spec_of()), records.targets) == [None, None, None]


def test_of_an_alarm_health_is_never_the_likelier_whatever_the_module_made_of_the_score():
    spec = spec_of(task="one_class", class_names=("healthy",), novelty=NoveltyRule(threshold=1.2))
    probabilities, novelty = np.array([[0.9], [0.1]], np.float32), np.array([1.3, 1.1], np.float32)
    served = Answers(spec, probabilities, novelty, np.arange(2)).served()
    assert (served < 0.5).tolist() == [[True], [False]]
