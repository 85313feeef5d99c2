"""What a record is made under: operating conditions, severity, transients, time."""

from collections import Counter

import numpy as np
import pytest

from babbitt.contracts.simulations import SEVERITIES
from babbitt.signals.domain.journal.envelope import Envelopes
from babbitt.signals.domain.journal.operating_conditions import OperatingConditions
from babbitt.signals.domain.journal.severity import LEVELS, Severity, SeverityLevel
from babbitt.signals.domain.journal.transients import (
    TRANSIENTS,
    draw_transient,
    load_step,
    speed_ramp,
    thermal_expansion,
)
from babbitt.signals.domain.streams import Layer, stream
from babbitt.signals.domain.time_base import TimeBase

SHORT = TimeBase.of(0.5, 20_480.0)


def test_operating_conditions_obey_their_laws_at_the_corners():
    cold_light_fast = OperatingConditions(1.1, 30.0, 40.0, 1000.0, 0.002)
    assert cold_light_fast.load_factor == pytest.approx(0.51)
    assert cold_light_fast.temperature_factor == pytest.approx(0.9)
    assert cold_light_fast.viscosity_ratio == pytest.approx(np.exp(0.6))
    assert cold_light_fast.sommerfeld == 0.50
    nominal = OperatingConditions(1.0, 100.0, 60.0, 1000.0, 0.002)
    assert nominal.sommerfeld == pytest.approx(0.15)
    assert nominal.physics_factor == pytest.approx(1.0)
    hot_heavy_slow = OperatingConditions(0.9, 100.0, 80.0, 1000.0, 0.002)
    assert hot_heavy_slow.sommerfeld == pytest.approx(0.15 * np.exp(-0.6) * 0.9)


def test_conditions_stay_in_their_ranges():
    for record in range(200):
        drawn = OperatingConditions.draw(stream(1, record, Layer.CONDITIONS))
        assert 54 <= drawn.shaft_speed_hz <= 66
        assert 0.51 <= drawn.load_factor <= 1.0
        assert 0.9 <= drawn.temperature_factor <= 1.1
        assert 0.05 <= drawn.sommerfeld <= 0.5


def test_the_levels_of_severity_are_called_as_the_contract_says_and_meet_each_other():
    assert tuple(level.label for level in LEVELS) == SEVERITIES
    assert [level.value[0] for level in LEVELS[1:]] == [level.value[1] for level in LEVELS[:-1]]


def test_severity_is_drawn_from_its_level_and_grows_in_three_records_of_ten():
    growing = 0
    for record in range(400):
        severity = Severity.draw(stream(1, record, Layer.SEVERITY), SeverityLevel.MILD)
        assert 0.45 <= severity.start <= 0.70
        assert severity.start <= severity.mean <= severity.end
        growing += severity.end != severity.start
        assert severity.end in {severity.start, min(1.0, severity.start + 0.3)}
    assert 90 <= growing <= 150


def test_a_quarter_of_the_records_have_a_transient_each_kind_as_often():
    drawn = Counter(draw_transient(stream(1, record, Layer.TRANSIENT)) for record in range(800))
    assert set(drawn) == {None, *TRANSIENTS}
    assert 560 <= drawn.pop(None) <= 640
    assert min(drawn.values()) > 40


def test_an_envelope_is_severity_times_transient():
    envelopes = Envelopes(SHORT)
    steady = envelopes.of(Severity(0.5, 0.5), None)
    assert steady.tolist() == [0.5]
    progress = SHORT.progress()
    for transient in (None, *TRANSIENTS):
        m = transient(SHORT) if transient else 1
        np.testing.assert_allclose(envelopes.of(Severity(0.5, 0.8), transient), (0.5 + 0.3 * progress) * m, atol=1e-6)
    np.testing.assert_allclose(envelopes.of(Severity(0.5, 0.5), load_step), 0.5 * load_step(SHORT), atol=1e-6)


def test_transients_follow_their_laws():
    time = TimeBase(1000, 1000.0)
    ramp = speed_ramp(time)
    assert (ramp[199], ramp[200], ramp[600]) == (1.0, pytest.approx(0.85), 1.0)
    assert ramp[599] == pytest.approx(1.15, abs=1e-3)
    step = load_step(time)
    assert (step[399], step[400]) == (0.7, 1.0)
    assert thermal_expansion(time)[0] == pytest.approx(0.9)
    assert thermal_expansion(time)[-1] == pytest.approx(0.9 + 0.2 * (1 - np.exp(-1 / 0.3)), abs=1e-3)
