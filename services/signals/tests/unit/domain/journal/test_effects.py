"""Optional effects: what the benchmark does not have."""

import numpy as np
import pytest

from babbitt.contracts.simulations import EFFECTS
from babbitt.signals.domain.journal.effects import cross_coupled, resonance, thermal_growth
from babbitt.signals.domain.journal.faults import HEALTHY
from babbitt.signals.domain.journal.rotation import band_limited, rotation
from babbitt.signals.domain.journal.severity import SeverityLevel
from babbitt.signals.domain.journal.simulation import Simulator
from babbitt.signals.domain.streams import Layer, StreamBank, stream
from babbitt.signals.domain.time_base import TimeBase

TIME = TimeBase.of(4.0, 4_096.0)


def made(fault="desequilibre", effects=(), record=3):
    return Simulator(5, TIME, (), effects).make(fault, record=record, level=SeverityLevel.SEVERE)


def added(effects, fault="desequilibre"):
    """The signature alone, of a record without a transient."""
    record = next(n for n in range(20) if not (drawn := made(fault, record=n)).transient)
    return (made(fault, effects, record).samples - made(HEALTHY, (), record).samples)[0].astype(float), drawn.conditions


def instantaneous_frequency_hz(samples):
    """By the phase of the analytic signal, without the ends."""
    spectrum = np.fft.fft(samples)
    spectrum[samples.size // 2 :] = 0
    phase = np.unwrap(np.angle(np.fft.ifft(spectrum)))
    return np.gradient(phase)[800:-800] * TIME.sampling_rate_hz / (2 * np.pi)


@pytest.mark.parametrize(
    ("effects", "begin", "middle", "end"),
    [(("run_up",), 0.5, 1, 1), (("coast_down",), 1, 1, 0.5), (("run_up", "coast_down"), 0.5, 1, 0.5)],
)
def test_ramps_change_the_frequency_of_what_follows_the_shaft(effects, begin, middle, end):
    samples, conditions = added(effects)
    speeds = instantaneous_frequency_hz(samples) / conditions.shaft_speed_hz
    slope = 0.5 / (TIME.samples / 2)
    assert speeds[0] == pytest.approx(begin + slope * 800 if begin < 1 else 1, abs=0.01)
    assert np.median(speeds[speeds.size // 2 - 50 : speeds.size // 2 + 50]) == pytest.approx(middle, abs=0.02)
    assert speeds[-1] == pytest.approx(end + slope * 800 if end < 1 else 1, abs=0.01)


def test_the_force_of_imbalance_follows_a_ramp_with_the_square_of_the_speed():
    samples, _ = added(("run_up",))
    first, last = (np.abs(samples[part]).max() for part in (slice(0, 200), slice(-400, None)))
    assert first / last == pytest.approx(0.25, abs=0.03)


def test_speed_fluctuates_by_three_percent_below_five_hertz():
    turning = rotation(("speed_fluctuation",), StreamBank(1).of(1), TIME)
    assert turning
    ratio = turning.speed_ratio
    assert ratio.std() == pytest.approx(0.03, rel=1e-6)
    spectrum = np.abs(np.fft.rfft(ratio - 1)) ** 2
    assert spectrum[np.fft.rfftfreq(TIME.samples, 1 / TIME.sampling_rate_hz) > 5.0].sum() < 1e-12 * spectrum.sum()
    samples, conditions = added(("speed_fluctuation",))
    measured = instantaneous_frequency_hz(samples) / conditions.shaft_speed_hz
    assert measured.std() == pytest.approx(0.03, abs=0.01)


def test_what_does_not_follow_the_shaft_keeps_its_frequency_on_a_ramp():
    steady, _ = added((), "lubrification")
    ramp, _ = added(("run_up",), "lubrification")
    np.testing.assert_allclose(ramp, steady, atol=1e-6)


def test_fluctuation_of_a_record_of_one_line_is_still_fluctuation():
    assert band_limited(stream(1, 1, Layer.SPEED), TimeBase(205, 1_024.0)).std() == pytest.approx(1.0)


def test_a_rotor_resonates_at_its_natural_frequency_and_no_more_than_tenfold():
    assert resonance(np.array([45.0])) == pytest.approx([10.0])
    assert resonance(np.array([0.001])) == pytest.approx([1.0])
    assert resonance(np.array([90.0])) == pytest.approx([1 / np.sqrt(9 + 0.04)])
    plain, conditions = added(())
    amplified, _ = added(("resonance",))
    np.testing.assert_allclose(amplified, plain * resonance(np.array(conditions.shaft_speed_hz)), atol=1e-5)


def test_a_run_up_shows_the_resonance_that_it_passes():
    samples, conditions = added(("run_up", "resonance"))
    loudest = np.argmax(np.abs(samples)) / TIME.samples
    passed = (45 / conditions.shaft_speed_hz - 0.5) / 0.5 * 0.5
    assert loudest == pytest.approx(passed, abs=0.02)


def test_cross_coupling_adds_three_tenths_a_quarter_of_a_turn_later():
    t = np.arange(4_096) / 4_096
    coupled = cross_coupled(np.sin(2 * np.pi * 50 * t).astype(np.float32))
    np.testing.assert_allclose(coupled, np.sin(2 * np.pi * 50 * t) - 0.3 * np.cos(2 * np.pi * 50 * t), atol=1e-5)


def test_thermal_growth_is_a_thousandth_a_degree_in_the_end():
    day = TimeBase(10_000, 10_000 / 86_400)
    growth = thermal_growth(60.0, day)
    assert (growth[0], growth[-1]) == (1.0, pytest.approx(1.04))
    assert growth[np.searchsorted(day.progress() * 86_400, 300.0)] == pytest.approx(
        1 + 0.04 * (1 - np.exp(-1)), abs=1e-3
    )


@pytest.mark.parametrize("fault", [HEALTHY, "desequilibre"])
def test_the_axial_channel_has_the_same_fault_over_a_floor_of_its_own_at_a_lower_level(fault):
    radial, axial = made(fault, ("axial",)).samples.astype(float)
    assert axial.std() == pytest.approx(0.15 * radial.std(), rel=0.05)
    correlation = np.corrcoef(radial, axial)[0, 1]
    assert correlation > 0.99 if fault != HEALTHY else abs(correlation) < 0.05


@pytest.mark.parametrize("effect", EFFECTS)
def test_each_effect_changes_faults_and_none_changes_the_background(effect):
    plain, changed = made(), made(effects=(effect,))
    if effect == "axial":
        np.testing.assert_array_equal(plain.samples[0], changed.samples[0])
    else:
        assert not np.array_equal(plain.samples, changed.samples)
    np.testing.assert_array_equal(made(HEALTHY).samples[0], made(HEALTHY, (effect,)).samples[0])
