"""A whole evaluation, and what is asked beyond it."""

import math
from dataclasses import replace

import numpy as np
import pytest
from services.training.tests.unit.evaluating.conftest import answering, records_of, spec_of

from babbitt.contracts.dataspec import Calibration, NoveltyRule
from babbitt.training.fitting.evaluating.answering import WindowAnswers
from babbitt.training.fitting.evaluating.detection import Persistence, detection
from babbitt.training.fitting.evaluating.disturbances import Disturbances, Noisy, curves, level, wrong_speed
from babbitt.training.fitting.evaluating.evaluation import evaluate
from babbitt.training.fitting.evaluating.examination import examine


def test_few_groups_have_a_table_and_many_an_interval(knowing):
    few = evaluate(knowing, records_of(["healthy", "inner"] * 4, ["a", "b"] * 4), spec_of()).scores
    assert few.record_accuracy_interval is None
    assert [(one.name, one.records, one.labels) for one in few.by_group] == [
        ("a", 4, ("healthy",)),
        ("b", 4, ("inner",)),
    ]
    many = evaluate(knowing, records_of(["healthy", "inner"] * 4), spec_of()).scores
    assert many.record_accuracy_interval is not None
    assert many.by_group == ()


def test_coverage_and_calibration_error_are_of_the_answer_that_is_served(knowing):
    records = records_of(["healthy", "inner", "outer", "inner"])
    plain = evaluate(knowing, records, spec_of()).scores
    assert (plain.coverage, plain.mean_set_size) == (None, None)
    assert plain.calibration_error == pytest.approx(0.2), "80 % sure, always right"
    sure = spec_of(calibration=Calibration(temperature=0.2, set_threshold=0.05))
    served = evaluate(knowing, records, sure).scores
    assert served.calibration_error == pytest.approx(0.0, abs=1e-3)
    assert (served.coverage, served.mean_set_size) == (1.0, 1.0)
    wide = evaluate(knowing, records, spec_of(calibration=Calibration(set_threshold=0.05))).scores
    assert wide.mean_set_size == 3.0


def test_severities_are_told_apart():
    records = records_of(["inner", "outer", "outer"], severities=["mild", "mild", "severe"])
    mixed_up = answering([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.0, 0.6, 0.4]])
    found = examine(evaluate(mixed_up, records, spec_of()), mixed_up, mixed_up)
    assert [(one.name, one.records, one.record_accuracy) for one in found.by_severity] == [
        ("mild", 2, 0.5),
        ("severe", 1, 0.0),
    ]
    assert found.latency.windows == 2
    assert found.detection is None


def test_noise_has_the_level_that_it_is_said_to_have_and_is_the_same_for_every_level():
    waveform = np.random.default_rng(1).standard_normal((2, 50_000)).astype(np.float32) * 3.0
    rms = [level(waveform) * 10 ** (-5 / 20)]
    noise, louder = (Noisy([waveform], [factor * rms[0]], 7)[0] - waveform for factor in (1.0, 2.0))
    np.testing.assert_allclose(20 * np.log10(level(waveform) / noise.std(axis=1)), 5.0, atol=0.1)
    np.testing.assert_allclose(louder, 2 * noise, atol=1e-4)


def test_answers_get_worse_as_noise_grows_at_each_records_own_level_and_at_the_same_one():
    records = records_of(["healthy", "inner", "outer"] * 20, windows=1)
    for row in range(60):
        records.waveforms[row][:] += np.array([1.0, -1.0, 1.0, -1.0], dtype=np.float32)

    def by_mean(inputs):
        place = np.clip(np.rint(inputs["waveform"].mean(axis=(1, 2))), 0, 2).astype(int)
        return WindowAnswers(np.eye(3, dtype=np.float32)[place])

    own, same = curves(by_mean, records, spec_of(), 0, Disturbances())
    assert (own.kind, [point.level for point in own.points]) == ("record_snr_db", [20.0, 15.0, 10.0, 5.0, 0.0])
    assert (same.kind, [point.level for point in same.points]) == ("healthy_rms", [1.0, 3.0, 10.0])
    assert same.reference_rms == (1.0,)
    for curve in (own, same):
        accuracy = [point.record_accuracy for point in curve.points]
        assert accuracy == sorted(accuracy, reverse=True)
        assert accuracy[0] > accuracy[-1]
    assert own.points[0].record_accuracy == 1.0
    assert own.points[-1].record_accuracy == same.points[0].record_accuracy, "0 dB is one level of a healthy record"


def test_a_curve_is_of_no_more_records_than_asked(knowing):
    records = records_of(["healthy", "inner", "outer"] * 5)
    assert {one.records for one in curves(knowing, records, spec_of(), 0, Disturbances(records=4))} == {4}


def test_a_slow_model_is_asked_about_fewer_records_and_never_about_too_few():
    tried = Disturbances(snr_db=(20.0, 10.0), healthy_rms=(), speed_errors=(), seconds=60.0)
    assert [tried.affordable(record_ms) for record_ms in (2.0, 100.0, 10_000.0)] == [600, 300, 50]


def test_a_wrong_speed_is_too_high_for_half_of_the_records_and_too_low_for_the_others():
    records = records_of(["inner"] * 4)
    spinning = replace(records, said={"shaft_speed_hz": np.full(4, 30.0, dtype=np.float32)})
    np.testing.assert_allclose(wrong_speed(spinning, 0.02).said["shaft_speed_hz"], [30.6, 29.4, 30.6, 29.4], rtol=1e-6)
    seen = []

    def reading(inputs):
        seen.append(inputs["shaft_speed_hz"].copy())
        return WindowAnswers(np.tile(np.array([0.1, 0.8, 0.1], np.float32), (len(inputs["waveform"]), 1)))

    asked = Disturbances(snr_db=(), healthy_rms=(), speed_errors=(0.05,))
    *_, by_speed = curves(reading, spinning, spec_of(inputs=("waveform", "shaft_speed_hz")), 0, asked)
    assert by_speed.kind == "speed_error"
    np.testing.assert_allclose(seen[-1], np.repeat([31.5, 28.5, 31.5, 28.5], 2), rtol=1e-6)


def test_curves_take_no_more_time_than_is_left():
    asked = [Disturbances.within(left_s).affordable(record_ms=1000.0 / 14) for left_s in (math.inf, 55.0, 0.0, -9.0)]
    assert asked == [60, 55, 50, 50]


def test_an_alarm_takes_k_of_n_and_its_delay_is_counted_from_the_first_faulty_record():
    novel = np.array([0, 1, 0, 1, 0, 0, 1, 1, 1, 1], dtype=bool)
    assert Persistence(k=3, n=4).alarm(novel).tolist() == [False] * 7 + [False, True, True]
    quiet = np.zeros(240, dtype=bool)
    quiet[100:103] = True
    series = np.concatenate([quiet, novel])
    healthy = np.arange(250) < 240
    told = detection(
        series, healthy, ["m1"] * 250, ["healthy"] * 240 + ["inner"] * 10, Persistence(k=3, n=4, measured_every_s=3600)
    )
    assert (told.faults, told.detected, told.median_delay_records, told.median_delay_s) == (1, 1, 8.0, 28_800.0)
    assert told.machine_months == pytest.approx(1 / 3)
    assert told.false_alarms_a_machine_month == pytest.approx(3.0)


def test_where_no_alarm_could_come_none_is_told():
    novel, machines = np.ones(100, dtype=bool), [f"m{one}" for one in range(100)]
    told = detection(novel, np.arange(100) < 90, machines, ["healthy"] * 90 + ["inner"] * 10)
    assert (told.false_alarms_a_machine_month, told.machine_months, told.faults) == (None, 0.0, 0)
    assert told.series_too_short == 100
    three = detection(novel[:3], novel[:3], ["m1"] * 3, ["healthy"] * 3)
    assert (three.false_alarms_a_machine_month, three.series_too_short) == (pytest.approx(240.0), 0)


def test_a_one_class_model_is_examined_for_its_alarms():
    spec = spec_of(task="one_class", class_names=("healthy",), novelty=NoveltyRule(threshold=0.5))
    records = records_of(["healthy"] * 6 + ["outer"] * 6, ["m1"] * 12, classes=("healthy",))
    scoring = answering([[1.0], [0.5], [0.0]], novelty=[0.0, 0.4, 1.0])
    evaluation = evaluate(scoring, records, spec)
    assert evaluation.scores.macro_auroc == pytest.approx(1.0)
    assert {one.name: one.recall for one in evaluation.scores.classes} == {"healthy": 1.0, "novel": 1.0}
    found = examine(evaluation, scoring, scoring, tried=Disturbances(snr_db=(20.0,), healthy_rms=()))
    assert found.detection is not None
    assert (found.detection.detected, found.detection.median_delay_records) == (1, 2.0)
    assert found.detection.false_alarms_a_machine_month == 0.0
