"""Where the threshold of a one_class version comes from: machines that were held out, and no other records."""

import numpy as np
from services.training.tests.unit.evaluating.conftest import answering, records_of, spec_of

from babbitt.contracts.answers import record_answer
from babbitt.contracts.dataspec import Channel, DataSpec
from babbitt.contracts.evaluations import EvaluationSummary
from babbitt.training.fitting.evaluating.evaluation import evaluate
from babbitt.training.fitting.evaluating.report import limits
from babbitt.training.fitting.served_spec import served_spec

HEALTH = spec_of(task="one_class", class_names=("healthy",))
SUMMARY = EvaluationSummary(
    test_split_sha256="a" * 64, split_kind="group", records=2, windows=2,
    record_accuracy=1.0, window_accuracy=1.0, macro_f1=1.0,
)  # fmt: skip
DATA = DataSpec(channels=(Channel(),), sampling_rate_hz=8.0, record_samples=8, class_names=("healthy",))


def rule_of(machines: int):
    """The rule from two healthy records of each machine, the scores of machine m being m, and a faulty one of each."""
    labels = ["healthy", "healthy", "outer"] * machines
    groups = [f"m{row // 3}" for row in range(3 * machines)]
    held_out = records_of(labels, groups, windows=1, classes=("healthy",))
    scores = np.array([1000.0 if label == "outer" else row // 3 for row, label in enumerate(labels)], np.float32)
    answers = held_out.answered(answering([[0.5]], novelty=[0.0]), HEALTH)
    told = type(answers)(HEALTH, answers.probabilities, scores, answers.record)
    learnt = records_of(["healthy"] * 3, ["t"] * 3, windows=1, classes=("healthy",))
    rule = served_spec(HEALTH, DATA, learnt, held_out, told).novelty
    assert rule is not None
    return rule


def test_a_threshold_is_what_healthy_records_of_held_out_machines_keep_and_faulty_ones_have_no_say():
    rule = rule_of(machines=120)
    assert (rule.records, rule.groups, rule.note) == (240, 120, "")
    assert rule.false_alarm_share <= 0.01
    assert 110 <= rule.threshold <= 119


def test_where_classes_are_told_records_of_all_of_them_are_known():
    held_out = records_of(["healthy", "inner", "outer"], ["a", "b", "c"], windows=1)
    answers = held_out.answered(answering([[0.6, 0.3, 0.1]], novelty=[0.0]), spec_of())
    told = type(answers)(spec_of(), answers.probabilities, np.array([1.0, 3.0, 2.0], np.float32), answers.record)
    spec = served_spec(spec_of(), DATA, held_out, held_out, told)
    assert (spec.novelty.threshold, spec.novelty.records, spec.novelty.groups) == (3.0, 3, 3)
    lower = spec.model_copy(update={"novelty": spec.novelty.model_copy(update={"threshold": 0.5})})
    scores = evaluate(answering([[0.6, 0.3, 0.1]], novelty=[1.0]), held_out, lower).scores
    assert (scores.novel, [one.novel for one in scores.classes]) == (1.0, [1.0] * 3)


def test_with_few_machines_the_highest_score_of_theirs_is_taken_and_that_is_said():
    rule = rule_of(machines=4)
    assert (rule.threshold, rule.groups) == (3.0, 4)
    assert "need 99 groups" in rule.note


def test_without_held_out_records_there_is_no_threshold_though_there_are_records_that_were_learnt_from():
    learnt = records_of(["healthy"] * 3, ["t"] * 3, windows=1, classes=("healthy",))
    nothing = records_of(["healthy"], ["t"], windows=1, classes=("healthy",)).chosen([])
    assert served_spec(HEALTH, DATA, learnt, nothing, None).novelty is None


def test_without_held_out_records_the_specification_and_the_report_say_why_there_are_no_sets_and_nothing_is_novel():
    nothing = records_of(["healthy"], ["t"], windows=1).chosen([])
    spec = served_spec(spec_of(), DATA, records_of(["healthy"] * 3, ["t"] * 3, windows=1), nothing, None)
    assert spec.calibration is not None
    assert "fewer than 4 groups" in spec.calibration.note
    scoring, alone = (answering(told, novelty=[0.0]) for told in ([[0.6, 0.3, 0.1]], [[0.6]]))
    answer = record_answer(np.array([[0.6, 0.3, 0.1]], np.float32), spec)
    assert (answer.prediction_set, answer.coverage) == (None, None)
    assert answer.confidence == np.float32(0.6)
    test = evaluate(scoring, records_of(["healthy", "inner"], ["a", "b"], windows=1), spec)
    said = " ".join(limits(SUMMARY, test, spec, (), quick=False))
    assert "Validation has fewer than 4 groups" in said
    assert "`novel` is null." in said
    one = evaluate(alone, records_of(["healthy", "inner"], ["a", "b"], windows=1, classes=("healthy",)), HEALTH)
    assert "an alarm is a probability of health below one half" in " ".join(
        limits(SUMMARY, one, HEALTH, (), quick=False)
    )
