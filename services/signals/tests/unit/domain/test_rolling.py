"""What the envelope of a simulated rolling bearing shows."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat

from babbitt.contracts.bearings import FaultOrders
from babbitt.contracts.dataspec import BearingGeometry
from babbitt.contracts.simulations import ROLLING_FAULTS, SKF_6205
from babbitt.signals.domain.rolling.impacts import Motion, impacts_of
from babbitt.signals.domain.rolling.machine import Machine, lowest_rate_hz
from babbitt.signals.domain.rolling.simulation import RecordConditions, simulate
from babbitt.signals.domain.streams import Layer, stream
from babbitt.signals.domain.time_base import TimeBase

ORDERS = FaultOrders.of(SKF_6205)
LINES = {"outer_race": ORDERS.outer_race, "inner_race": ORDERS.inner_race, "ball": 2 * ORDERS.ball}
STEADY = Motion(slip=0.0, jitter=0.002, scatter=0.05)
CLEAR = RecordConditions(STEADY, signal_to_noise_db=8.0)
TIME = TimeBase.of(2.0, 12_000)
CWRU = Path(__file__).parents[6] / "shared" / "data" / "cwru"


class Envelope:
    """The spectrum of the squared envelope between two frequencies, over its own background; in orders of the shaft."""

    def __init__(self, samples, rate_hz, shaft_hz, band_hz):
        spectrum = np.fft.fft(samples - samples.mean())
        at_hz = np.fft.fftfreq(samples.size, 1 / rate_hz)
        inside = (at_hz >= band_hz[0]) & (at_hz < band_hz[1])
        squared = np.abs(np.fft.ifft(np.where(inside, 2 * spectrum, 0))) ** 2
        self.lines = np.abs(np.fft.rfft((squared - squared.mean()) * np.hanning(samples.size)))
        self.orders_a_bin = rate_hz / samples.size / shaft_hz
        self.background = np.median(self.lines[: int(12 / self.orders_a_bin)])

    def peak(self, order, within=0.01):
        """Where the strongest line near an order is, and how far it stands above the background."""
        first, last = (round(order * share / self.orders_a_bin) for share in (1 - within, 1 + within))
        found = first + int(np.argmax(self.lines[first : last + 1]))
        return found * self.orders_a_bin, self.lines[found] / self.background

    def height(self, order):
        return self.peak(order)[1]


@pytest.fixture(scope="module")
def machine():
    """A function: machines that differ by number, each with the same way of being loaded."""

    def draw(number=0, bearing=SKF_6205, speed=(28.0, 30.0), rate_hz=TIME.sampling_rate_hz, **more):
        drawn = Machine.draw(stream(5, number, Layer.ROLLING_MACHINE), bearing, speed, rate_hz)
        plain = {"load_zone": 0.5, "unloaded": 0.1, "inner_strike": 0.8, "unbalanced": 0.1}
        return replace(drawn, **plain | more)

    return draw


def record(machine, fault, conditions=CLEAR, time=TIME, number=0):
    return simulate(fault, machine, conditions, time, partial(stream, 5, number))[0]


def envelope(machine, fault, conditions=CLEAR, time=TIME, number=0):
    resonance = machine.resonances[0]
    half = max(500.0, 0.2 * resonance.frequency_hz)
    band = (max(100.0, resonance.frequency_hz - half), resonance.frequency_hz + half)
    samples = record(machine, fault, conditions, time, number)
    return Envelope(samples, time.sampling_rate_hz, machine.shaft_speed_hz, band)


@pytest.mark.parametrize("fault", ["outer_race", "inner_race"])
def test_a_race_shows_its_own_line_and_its_harmonic(machine, fault):
    for number in range(4):
        shown = envelope(machine(number), fault, number=number)
        assert shown.height(LINES[fault]) > 8
        assert shown.height(2 * LINES[fault]) > 5
        others = [order for other, order in LINES.items() if other != fault]
        assert all(shown.height(order) < shown.height(LINES[fault]) / 3 for order in others)


def test_a_ball_that_meets_the_races_at_each_turn_strikes_twice_a_turn(machine, monkeypatch):
    monkeypatch.setattr("babbitt.signals.domain.rolling.impacts.MEETING_SHARE", (1.0, 1.0))
    for number in range(4):
        shown = envelope(machine(number), "ball", number=number)
        assert shown.height(2 * ORDERS.ball) > 12


def test_a_ball_that_strikes_one_race_only_shows_at_half_of_that(machine, monkeypatch):
    monkeypatch.setattr("babbitt.signals.domain.rolling.impacts.MEETING_SHARE", (1.0, 1.0))
    one, both = (envelope(machine(inner_strike=strike), "ball") for strike in (0.0, 1.0))
    assert one.height(ORDERS.ball) > 10
    assert one.height(ORDERS.ball) > 4 * both.height(ORDERS.ball)


def test_a_ball_that_turns_aside_shows_much_less_of_a_line(machine, monkeypatch):
    def heights():
        return np.array(
            [envelope(machine(number), "ball", number=number).height(2 * ORDERS.ball) for number in range(12)]
        )

    by_chance = heights()
    monkeypatch.setattr("babbitt.signals.domain.rolling.impacts.MEETING_SHARE", (1.0, 1.0))
    assert np.median(by_chance / heights()) < 0.6


def test_a_healthy_bearing_shows_none_of_the_lines(machine):
    for number in range(6):
        shown = envelope(machine(number), "healthy", number=number)
        assert all(shown.height(order) < 4 for order in LINES.values())


def test_what_turns_through_the_load_zone_has_sidebands(machine):
    inner = envelope(machine(unloaded=0.0), "inner_race")
    outer = envelope(machine(unbalanced=0.0), "outer_race")
    for side in (-1, 1):
        assert inner.height(ORDERS.inner_race + side) > inner.height(ORDERS.inner_race) / 5
        assert outer.height(ORDERS.outer_race + side) < outer.height(ORDERS.outer_race) / 8


def test_the_sidebands_of_a_ball_are_those_of_the_cage(machine, monkeypatch):
    monkeypatch.setattr("babbitt.signals.domain.rolling.impacts.MEETING_SHARE", (1.0, 1.0))
    shown = envelope(machine(unloaded=0.0, inner_strike=1.0), "ball")
    for side in (-1, 1):
        assert shown.height(2 * ORDERS.ball + side * ORDERS.cage) > shown.height(2 * ORDERS.ball) / 5


def test_where_the_outer_ring_turns_it_is_the_outer_race_that_has_sidebands(machine):
    bearing = SKF_6205.model_copy(update={"turning_ring": "outer"})
    outer = envelope(machine(bearing=bearing, unloaded=0.0), "outer_race")
    inner = envelope(machine(bearing=bearing, unbalanced=0.0), "inner_race")
    assert outer.height(ORDERS.outer_race + 1) > outer.height(ORDERS.outer_race) / 5
    assert inner.height(ORDERS.inner_race + 1) < inner.height(ORDERS.inner_race) / 8


@pytest.mark.parametrize("slip", [-0.02, 0.01])
def test_slip_moves_the_line(machine, slip):
    moved = envelope(machine(), "outer_race", replace(CLEAR, motion=replace(STEADY, slip=slip)))
    found, height = moved.peak(ORDERS.outer_race, within=0.03)
    assert found == pytest.approx(ORDERS.outer_race * (1 + slip), rel=0.003)
    assert height > 20


def test_jitter_wears_the_harmonics_away(machine):
    calm, shaken = (
        envelope(machine(), "outer_race", replace(CLEAR, motion=replace(STEADY, jitter=jitter)))
        for jitter in (0.002, 0.02)
    )
    third = 3 * ORDERS.outer_race
    assert shaken.height(third) / shaken.height(third / 3) < 0.7 * calm.height(third) / calm.height(third / 3)


@pytest.mark.parametrize("jitter", [0.002, 0.02])
def test_jitter_is_the_share_of_a_period_that_it_says_and_adds_up(machine, jitter):
    turning, motion = machine(), Motion(slip=0.0, jitter=jitter, scatter=0.0)
    struck = impacts_of("outer_race", turning, motion, 100.0, stream(7, 7, Layer.ROLLING_IMPACTS))
    periods = np.diff(struck.times_s) * ORDERS.outer_race * turning.shaft_speed_hz
    assert np.mean(periods) == pytest.approx(1, abs=5 * jitter / np.sqrt(periods.size))
    assert np.std(periods) == pytest.approx(jitter, rel=0.05)
    assert abs(np.corrcoef(periods[1:], periods[:-1])[0, 1]) < 0.05


@pytest.mark.parametrize(
    ("bearing", "shaft_hz", "rate_hz", "duration_s"),
    [
        (BearingGeometry(balls=8, ball_diameter_mm=15.1, pitch_diameter_mm=65.0), 1.5, 8_000, 16.0),
        (BearingGeometry(balls=13, ball_diameter_mm=6.0, pitch_diameter_mm=40.0, contact_angle_deg=15), 60, 25_600, 1),
        (BearingGeometry(balls=7, ball_diameter_mm=3.0, pitch_diameter_mm=12.0), 1_500.0, 200_000, 0.1),
    ],
)
@pytest.mark.parametrize("fault", ["outer_race", "inner_race"])
def test_any_geometry_speed_and_rate_shows_its_own_lines(machine, bearing, shaft_hz, rate_hz, duration_s, fault):
    assert lowest_rate_hz(bearing, shaft_hz) <= rate_hz
    order = getattr(FaultOrders.of(bearing), fault)
    made = machine(bearing=bearing, speed=(shaft_hz, shaft_hz), rate_hz=rate_hz)
    assert envelope(made, fault, time=TimeBase.of(duration_s, rate_hz)).height(order) > 12


@pytest.mark.parametrize("level_db", [-16.0, 0.0, 8.0])
def test_the_impacts_are_as_strong_as_the_ratio_says(machine, level_db):
    conditions = replace(CLEAR, signal_to_noise_db=level_db)
    quiet, struck = (record(machine(harmonics=()), fault, conditions) for fault in ("healthy", "outer_race"))
    assert 10 * np.log10(np.mean((struck - quiet) ** 2) / np.mean(quiet**2)) == pytest.approx(level_db, abs=0.05)


def test_records_of_a_machine_differ_and_the_same_record_does_not(machine):
    one, again, other = (record(machine(harmonics=()), "healthy", number=number) for number in (0, 0, 1))
    assert np.array_equal(one, again)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.1
    assert one.dtype == np.float32


@pytest.mark.parametrize("samples", [12_007, 15_000])
@pytest.mark.parametrize("fault", ROLLING_FAULTS)
def test_a_record_of_any_length_is_finite(machine, fault, samples):
    made = record(
        machine(),
        fault,
        RecordConditions.draw(stream(1, 1, Layer.ROLLING_RECORD), (-16.0, 8.0)),
        TimeBase(samples, 12_000),
    )
    assert made.shape == (samples,)
    assert np.isfinite(made).all()


@pytest.mark.skipif(not CWRU.is_dir(), reason="no real recordings in ../shared/data/cwru beside the repository")
@pytest.mark.parametrize(
    ("number", "fault"), [(105, "inner_race"), (169, "inner_race"), (130, "outer_race"), (234, "outer_race")]
)
def test_real_faults_have_their_lines_where_simulated_ones_have_them(machine, number, fault):
    variables = loadmat(CWRU / f"{number}.mat")
    samples = variables[f"X{number}_DE_time"].ravel()[:24_000]
    shaft_hz = variables[f"X{number}RPM"].item() / 60
    real = Envelope(samples, 12_000, shaft_hz, (2_000, 4_000))
    made = envelope(machine(1), fault)
    for shown in (real, made):
        assert shown.peak(LINES[fault], within=0.02)[1] > 8
        assert shown.peak(2 * LINES[fault], within=0.02)[1] > 5
    if fault == "inner_race":
        assert real.height(LINES[fault] - 1) > real.height(LINES[fault]) / 20
