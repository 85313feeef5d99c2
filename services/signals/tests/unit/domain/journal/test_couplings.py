"""How a signature depends on how the machine runs: told from its tones, and from records at two loads and speeds."""

from dataclasses import replace
from math import pi

import numpy as np
import pytest

from babbitt.signals.domain.journal.faults import FAULTS, HEALTHY, Scene
from babbitt.signals.domain.journal.operating_conditions import OperatingConditions
from babbitt.signals.domain.journal.severity import Severity
from babbitt.signals.domain.journal.simulation import Simulator
from babbitt.signals.domain.streams import Layer, StreamBank, stream
from babbitt.signals.domain.time_base import TimeBase
from babbitt.signals.domain.tones import ToneBank

NOMINAL = OperatingConditions(1.0, 80.0, 60.0, 1000.0, 0.002)
TIME = TimeBase.of(5.0, 20_480.0)


WORST = Severity(1.0, 1.0)


def signature(fault, severity=WORST, **conditions):
    scene = Scene(replace(NOMINAL, **conditions), severity, TIME)
    return FAULTS[fault].signature(scene, stream(1, 1, Layer.FAULT)), scene.conditions


@pytest.mark.parametrize("fault", ["desequilibre", "mixed_misalign_imbalance"])
def test_imbalance_grows_with_the_square_of_the_speed_and_with_the_load(fault):
    def amplitude(**conditions):
        made, _ = signature(fault, **conditions)
        return made.tones[-1].amplitude

    amplitudes = [amplitude(speed_ratio=ratio) for ratio in (0.9, 1.0, 1.1)]
    assert amplitudes[0] / amplitudes[1] == pytest.approx(0.81)
    assert amplitudes[2] / amplitudes[1] == pytest.approx(1.21)
    assert amplitude(load_percent=100.0) / amplitude(load_percent=30.0) == pytest.approx(1 / 0.51)


@pytest.mark.parametrize(("fault", "power"), [("oilwhirl", -0.5), ("lubrification", -1.0)])
def test_whirl_and_slow_breathing_fall_as_the_sommerfeld_number_grows(fault, power):
    def rms(load_percent):
        made, conditions = signature(fault, load_percent=load_percent)
        return conditions.sommerfeld, np.sqrt(np.mean(ToneBank(TIME).sum(made.tones) ** 2.0))

    (low, strong), (high, weak) = rms(100.0), rms(40.0)
    assert low < high
    assert weak / strong == pytest.approx((high / low) ** power, rel=1e-3)


@pytest.mark.parametrize("fault", ["usure", "mixed_wear_lube"])
def test_the_roughness_of_wear_follows_load_temperature_and_film(fault):
    made, conditions = signature(fault)
    hotter, hot = signature(fault, temperature_c=70.0)
    assert hotter.noise_sigma / made.noise_sigma == pytest.approx(
        hot.operating_factor * hot.physics_factor / (conditions.operating_factor * conditions.physics_factor)
    )


def test_whirl_is_a_tone_that_swells_at_half_its_own_frequency():
    made, conditions = signature("oilwhirl")
    tone = made.tones[0]
    t = np.arange(TIME.samples) / TIME.sampling_rate_hz
    angle = 2 * pi * tone.frequency_hz * t + tone.phase
    expected = 0.40 / np.sqrt(conditions.sommerfeld) * np.sin(angle) * (1 + 0.2 * np.sin(angle / 2))
    np.testing.assert_allclose(ToneBank(TIME).sum(made.tones), expected, atol=2e-6)


def test_phases_begin_at_zero_where_those_of_the_reference_do_and_at_random_elsewhere():
    for fault in FAULTS:
        made, _ = signature(fault)
        at_zero = {tone.phase == 0 for tone in made.tones}
        expected = {"jeu": {True}, "usure": {True}, "mixed_cavit_jeu": {True}, "mixed_wear_lube": {True, False}}
        assert at_zero == expected.get(fault, {False} if made.tones else set())


@pytest.mark.parametrize(
    ("fault", "length"), [("lubrification", 20), ("mixed_wear_lube", 10), ("cavitation", 164), ("mixed_cavit_jeu", 164)]
)
def test_events_are_as_many_as_severity_says_and_as_long_as_they_last(fault, length):
    few, many = (signature(fault, Severity(level, level))[0].impacts for level in (0.2, 1.0))
    assert few
    assert many
    counts = {"lubrification": (1, 4), "mixed_wear_lube": (2, 5), "cavitation": (3, 7), "mixed_cavit_jeu": (3, 7)}
    assert (few.starts.size, many.starts.size) == counts[fault]
    assert many.shapes.shape == (many.starts.size, length)
    assert many.enveloped == (fault == "mixed_wear_lube")


def test_the_mixed_classes_carry_severity_twice():
    for fault in ("mixed_misalign_imbalance", "mixed_wear_lube", "mixed_cavit_jeu"):
        whole, _ = signature(fault)
        half, _ = signature(fault, Severity(0.4, 0.6))
        assert [tone.amplitude / 2 for tone in whole.tones] == pytest.approx([tone.amplitude for tone in half.tones])
        assert half.noise_sigma == pytest.approx(whole.noise_sigma / 2)
    once, _ = signature("usure", Severity(0.4, 0.6))
    assert once.noise_sigma == signature("usure")[0].noise_sigma


RUNNING = [(load_percent, speed_ratio) for load_percent in (45.0, 100.0) for speed_ratio in (0.9, 1.1)]


@pytest.fixture(scope="module")
def recorded():
    """A function: (what a fault adds to a record, its conditions) at each load and speed, on the same streams."""
    simulator, bank = Simulator(5, TIME), StreamBank(5)

    def under(fault, conditions):
        return simulator.under(fault, conditions, WORST, None, bank.of(3))[0].astype(float)

    def added(fault):
        for load_percent, speed_ratio in RUNNING:
            conditions = replace(NOMINAL, load_percent=load_percent, speed_ratio=speed_ratio)
            yield under(fault, conditions) - under(HEALTHY, conditions), conditions

    return added


def line(samples, frequency_hz):
    """The amplitude of a tone, Hann window."""
    window = np.hanning(samples.size)
    turning = np.exp(-2j * pi * frequency_hz * np.arange(samples.size) / TIME.sampling_rate_hz)
    return 2 * np.abs(np.sum(samples * window * turning)) / window.sum()


@pytest.mark.parametrize(("fault", "amplitude"), [("desequilibre", 0.5), ("mixed_misalign_imbalance", 0.35)])
def test_in_records_the_line_of_an_imbalance_follows_load_and_the_square_of_speed(recorded, fault, amplitude):
    for samples, conditions in recorded(fault):
        force = (0.3 + 0.7 * conditions.load_percent / 100) * conditions.speed_ratio**2
        assert line(samples, 60 * conditions.speed_ratio) == pytest.approx(amplitude * force, rel=1e-3)


@pytest.mark.parametrize(("fault", "power"), [("oilwhirl", -0.5), ("lubrification", -1.0)])
def test_in_records_whirl_and_slow_breathing_fall_as_the_sommerfeld_number_grows(recorded, fault, power):
    found = [(samples.std(), conditions.sommerfeld**power) for samples, conditions in recorded(fault)]
    ratios = [rms / law for rms, law in found]
    assert ratios == pytest.approx([ratios[0]] * len(RUNNING), rel=0.01)
    assert len({law for _, law in found}) == len(RUNNING)


def test_in_records_the_roughness_of_wear_follows_load_and_film(recorded):
    found = []
    for samples, conditions in recorded("usure"):
        above_the_shaft = np.diff(samples, 4)  # leaves its first two orders a ten-thousandth
        found.append(above_the_shaft.std() / (conditions.operating_factor * conditions.physics_factor))
    assert found == pytest.approx([found[0]] * len(RUNNING), rel=0.01)
