"""Machines that are measured in turn, run as the day goes, and fail."""

from datetime import UTC, datetime
from itertools import islice

import numpy as np
import pytest

from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.simulations import JOURNAL_FAULTS, RollingSource
from babbitt.contracts.splits import SplitSpec
from babbitt.signals.domain.fleet.courses import FaultCourse, SensorCourse, level_of
from babbitt.signals.domain.fleet.fleet import Fleet, FleetPlan
from babbitt.signals.domain.fleet.operation import DAY_S, DayCurve, OperationProfile
from babbitt.signals.domain.fleet.profiles import sounds_of
from babbitt.signals.domain.fleet.rolling_sounds import RollingSounds
from babbitt.signals.domain.fleet.sensor_faults import SENSOR_FAULTS
from babbitt.signals.domain.plan import plan_of
from babbitt.signals.domain.rolling.plan import RollingPlan
from babbitt.signals.domain.shards import PlannedShard
from babbitt.signals.domain.streams import Layer, stream
from babbitt.signals.errors import DatasetImpossible

START = datetime(2026, 1, 1, 6, tzinfo=UTC)
SHORT = RollingSource(profile="rolling", duration_s=0.55)


def fleet(machines=6, rate_hz=2.0, **plan):
    return Fleet(FleetPlan(machines, rate_hz, START, **plan), RollingSounds(SHORT))


def first(made, count):
    return list(islice(made.measurements(), count))


def test_machines_take_turns_at_the_rate_that_is_asked_for():
    made = first(fleet(machines=3), 7)
    assert [one.taken.machine for one in made] == [f"machine-00{number}" for number in (1, 2, 3, 1, 2, 3, 1)]
    assert [(one.taken.taken_at - START).total_seconds() for one in made] == [number / 2 for number in range(7)]


def test_the_same_plan_gives_the_same_measurements_byte_for_byte_and_another_seed_others():
    one, again, other = (first(fleet(seed=seed), 8) for seed in (1, 1, 2))
    for made, repeated, different in zip(one, again, other, strict=True):
        assert (made.id, made.taken, made.truth) == (repeated.id, repeated.taken, repeated.truth)
        assert made.samples.tobytes() == repeated.samples.tobytes() != different.samples.tobytes()
        assert made.id != different.id


@pytest.mark.parametrize("profile", ["jbfd11", "rolling"])
def test_a_fleet_does_not_measure_the_records_of_a_dataset_of_the_same_seed(profile):
    source = {"kind": "simulated", "profile": profile, "seed": 3, "duration_s": 0.6}
    dataset = plan_of(DatasetConfiguration.model_validate({"source": source, "split": {"kind": "record"}}))
    recorded = [one for one in dataset.waveforms(PlannedShard(0, 0, 6)) if one.place is None]
    plan = FleetPlan(6, 1.0, START, seed=3, fault_share=0.0, sensor_fault_share=0.0)
    for one, measured in zip(recorded, first(Fleet(plan, sounds_of(profile, 3, 0.6)), 6), strict=True):
        ours, theirs = (np.fft.rfft(samples[0])[1:] for samples in (measured.samples, one.samples))
        assert abs(np.mean(np.exp(1j * (np.angle(ours) - np.angle(theirs))))) < 0.1


def test_the_machines_of_a_fleet_are_none_of_a_datasets_of_the_same_seed():
    source = RollingSource(profile="rolling", seed=3)
    dataset = RollingPlan(source, SplitSpec(kind="group"))
    known = {dataset.machine(number).noise for number in range(dataset.machines)}
    assert known.isdisjoint(RollingSounds(source).machine(number).noise for number in range(dataset.machines))


def test_a_machine_never_sounds_the_same_twice():
    one, other = first(fleet(machines=1, rate_hz=1_000.0, fault_share=0.0), 2)
    assert abs(np.corrcoef(np.diff(one.samples[0], 2), np.diff(other.samples[0], 2))[0, 1]) < 0.1


def test_the_share_that_is_asked_for_has_faults_all_kinds_in_turn():
    machines = fleet(machines=20, fault_share=0.3, sensor_fault_share=0.15).machines
    faults = [one.fault.fault for one in machines if one.fault]
    assert sorted(faults) == sorted(["outer_race", "inner_race", "ball"] * 2)
    assert sorted(one.sensor.kind for one in machines if one.sensor) == ["clipping", "dropout", "stuck"]


def test_a_fault_begins_grows_and_stays():
    course = FaultCourse("ball", begins_s=100, grows_for_s=50)
    severities = [course.severity(at_s) for at_s in (0, 99, 100, 110, 130, 149, 151, 1e6)]
    assert severities == sorted(severities)
    assert (severities[1], severities[2], severities[-1]) == (0.0, 0.2, 1.0)
    assert [level_of(severity) for severity in (0.0, 0.2, 0.5, 0.8, 1.0)] == [
        None, "incipient", "mild", "moderate", "severe",
    ]  # fmt: skip


def test_a_machine_with_a_fault_is_healthy_until_it_begins_and_louder_in_the_end():
    made = fleet(machines=1, rate_hz=0.1, fault_share=1.0, faults_within_s=100.0)
    begins_s = made.machines[0].fault.begins_s
    measured = first(made, 25)
    assert all((one.truth.fault == "healthy") == (one.at_s < begins_s) for one in measured)
    assert measured[-1].truth.level == "severe"
    before = [np.std(one.samples) for one in measured if one.truth.fault == "healthy"]
    assert np.std(measured[-1].samples) > 2 * np.mean(before)


def test_a_sensor_fails_for_a_while():
    course = SensorCourse("stuck", begins_s=10, lasts_s=5)
    assert [course.fault(at_s) for at_s in (9, 10, 14.9, 15)] == [None, "stuck", "stuck", None]


@pytest.mark.parametrize("kind", SENSOR_FAULTS)
def test_a_sensor_fault_shows_in_the_samples_and_leaves_the_signal_itself_alone(kind):
    signal = stream(1, 1, Layer.FLEET_SENSOR).standard_normal((1, 12_000), dtype=np.float32)
    kept = signal.copy()
    heard = SENSOR_FAULTS[kind](signal, stream(2, 2, Layer.FLEET_SENSOR))
    assert np.array_equal(signal, kept)
    assert heard.shape == signal.shape
    assert heard.dtype == np.float32
    match kind:
        case "dropout":
            assert 200 < np.sum(heard == 0) < 5_000
        case "clipping":
            assert np.sum(np.abs(heard) == np.abs(heard).max()) > 50
        case "stuck":
            assert np.all(heard[:, 6_100:] == heard[0, -1])


def test_a_sensor_fault_is_in_the_truth_and_not_in_the_message():
    made = fleet(machines=1, rate_hz=0.5, sensor_fault_share=1.0, fault_share=1.0, faults_within_s=60.0)
    failed = next(one for one in made.measurements() if one.truth.sensor_fault)
    assert set(type(failed.taken).model_fields) == {
        "machine", "taken_at", "sampling_rate_hz", "shaft_speed_hz", "channels", "unit", "load_percent",
        "temperature_c", "sensor",
    }  # fmt: skip
    assert failed.truth.sensor_fault not in failed.taken.model_dump_json()


def test_heat_follows_the_load_late_and_damped():
    load = DayCurve(60.0, ((20.0, 0.0),))
    hours = np.arange(0, 24, 0.1)
    now, late = ([load.at(hour * 3_600, lag) for hour in hours] for lag in (0.0, 7_200.0))
    assert hours[np.argmax(now)] == 0
    assert 1.0 < hours[np.argmax(late)] < 2.5
    assert max(late) - 60 == pytest.approx(20 / np.hypot(1, 2 * np.pi * 7_200 / DAY_S), abs=0.02)
    assert load.at(0) == pytest.approx(load.at(DAY_S))


def test_operation_stays_where_the_benchmark_is_and_moves_over_the_day():
    for number in range(20):
        profile = OperationProfile.draw(stream(3, number, Layer.FLEET_MACHINE))
        day = [profile.at(hour * 3_600) for hour in range(24)]
        assert all(30 <= one.load_percent <= 100 and 40 <= one.temperature_c <= 80 for one in day)
        assert all(0.9 <= one.speed_ratio <= 1.1 for one in day)
        assert max(one.load_percent for one in day) > min(one.load_percent for one in day) + 1


def test_rolling_bearings_turn_as_fast_as_those_of_a_dataset_and_change_their_speed_over_the_day():
    day = fleet(machines=8, rate_hz=8 * 24 / DAY_S)
    for machine in range(8):
        speeds = [day.measurement(machine + 8 * hour).taken.shaft_speed_hz for hour in range(24)]
        assert 28 <= min(speeds) < max(speeds) <= 30


def test_journal_bearings_are_measured_as_the_benchmark_has_them():
    plan = FleetPlan(2, 0.1, START, fault_share=1.0, sensor_fault_share=0.0, faults_within_s=20.0)
    measured = first(Fleet(plan, sounds_of("jbfd11", 0, 0.5)), 10)
    assert {one.truth.fault for one in measured} > {"sain"}
    assert {one.truth.fault for one in measured} <= set(JOURNAL_FAULTS)
    assert {(one.samples.shape, one.taken.unit) for one in measured} == {((1, 10_240), "1")}
    assert all(54 <= one.taken.shaft_speed_hz <= 66 for one in measured)
    assert len({one.samples.tobytes() for one in measured}) == 10


@pytest.mark.parametrize(
    ("profile", "record_s", "said"),
    [
        ("rolling", 0.1, "at least 0.536 s"),
        ("rolling", 30.0, "at most 225000 a message"),
        ("jbfd11", 0.1, "at least 0.185 s"),
    ],
)
def test_a_measurement_that_is_too_short_or_too_long_is_refused(profile, record_s, said):
    with pytest.raises(DatasetImpossible, match=said):
        sounds_of(profile, 0, record_s)
