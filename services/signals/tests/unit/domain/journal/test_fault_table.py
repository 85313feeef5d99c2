"""The table of faults, number by number: a record's signature against what the design says of its class."""

from math import exp, sqrt
from typing import NamedTuple

import numpy as np
import pytest

from babbitt.contracts.simulations import JOURNAL_FAULTS
from babbitt.signals.domain.journal.faults import FAULTS, Scene
from babbitt.signals.domain.journal.operating_conditions import OperatingConditions
from babbitt.signals.domain.journal.severity import Severity
from babbitt.signals.domain.streams import Layer, stream
from babbitt.signals.domain.time_base import TimeBase

RATE_HZ = 20_480.0
SCENE = Scene(OperatingConditions(1.05, 80.0, 70.0, 1000.0, 0.002), Severity(0.4, 0.6), TimeBase.of(5.0, RATE_HZ))
SPEED, LOAD, TEMPERATURE, SEVERITY = 1.05, 0.86, 1.05, 0.5
SOMMERFELD = 0.15 * exp(-0.03 * 10) * SPEED / LOAD
ROUGHNESS = LOAD * TEMPERATURE * sqrt(SOMMERFELD / 0.15)
SHAFT_HZ = 60 * SPEED
DRAWS = 300


class Line(NamedTuple):
    """Amplitude, and lowest and highest frequency."""

    amplitude: float
    low_hz: float
    high_hz: float


class Events(NamedTuple):
    """How many there are, their amplitude, and whether the envelopes multiply them."""

    count: int
    amplitude: float
    enveloped: bool = False


class Contacts(NamedTuple):
    """Noise of so many samples that decays by so much a sample."""

    events: Events
    samples: int
    decay: float


def order(amplitude, low, high=None):
    return Line(amplitude, low * SHAFT_HZ, (high or low) * SHAFT_HZ)


def breathing(amplitude):
    return Line(amplitude * TEMPERATURE * 0.3 / SOMMERFELD, 2, 5)


def whirl(amplitude):
    """sin(a) (1 + 0.2 sin(a / 2)) has lines at half and at three halves of its frequency."""
    return [order(amplitude, 0.42, 0.48), order(amplitude / 10, 0.21, 0.24), order(amplitude / 10, 0.63, 0.72)]


LINES = {
    "sain": [],
    "desalignement": [order(0.35, 2), order(0.20, 3)],
    "desequilibre": [order(0.5 * LOAD * SPEED**2, 1)],
    "jeu": [order(0.25 * TEMPERATURE, 0.43, 0.48), order(0.18, 1), order(0.10, 2)],
    "lubrification": [breathing(0.30)],
    "cavitation": [],
    "usure": [order(0.12, 1), order(0.06, 2)],
    "oilwhirl": whirl(0.40 / sqrt(SOMMERFELD)),
    "mixed_misalign_imbalance": [
        order(SEVERITY * 0.25, 2),
        order(SEVERITY * 0.15, 3),
        order(SEVERITY * 0.35 * LOAD * SPEED**2, 1),
    ],
    "mixed_wear_lube": [order(SEVERITY * 0.08, 1), order(SEVERITY * 0.04, 2), breathing(SEVERITY * 0.20)],
    "mixed_cavit_jeu": [order(SEVERITY * 0.22 * TEMPERATURE, 0.43, 0.48), order(SEVERITY * 0.15, 1)],
}
NOISE_SIGMA = {"usure": 0.25 * ROUGHNESS, "mixed_wear_lube": SEVERITY * 0.18 * ROUGHNESS}
SWELLING = {"usure": Line(0.3, 0.5, 2.0)}
CONTACTS = {
    "lubrification": Contacts(Events(2, 0.5 * SEVERITY), 20, 0.4),
    "mixed_wear_lube": Contacts(Events(3, 0.4 * SEVERITY, enveloped=True), 10, 0.5),
}
BUBBLES = {"cavitation": Events(4, 0.6 * SEVERITY), "mixed_cavit_jeu": Events(5, 0.5 * SEVERITY)}


@pytest.fixture(scope="module", params=JOURNAL_FAULTS)
def label(request):
    return request.param


@pytest.fixture(scope="module")
def drawn(label):
    """What the class adds, again and again under the same conditions."""
    return [FAULTS[label].signature(SCENE, stream(3, record, Layer.FAULT)) for record in range(DRAWS)]


def check_line(tones, line):
    assert [*{abs(tone.amplitude) for tone in tones}] == pytest.approx([line.amplitude])
    found, width = [tone.frequency_hz for tone in tones], line.high_hz - line.low_hz
    assert min(found) == pytest.approx(line.low_hz + 0.02 * width, abs=0.02 * width + 1e-9)
    assert max(found) == pytest.approx(line.high_hz - 0.02 * width, abs=0.02 * width + 1e-9)


def test_lines_have_the_amplitudes_and_frequencies_of_the_table(label, drawn):
    expected = LINES[label]
    assert {len(one.tones) for one in drawn} == {len(expected)}
    for number, line in enumerate(expected):
        check_line([one.tones[number] for one in drawn], line)


def test_only_lines_at_orders_follow_the_shaft(label, drawn):
    slow = 10
    assert all(tone.follows_shaft == (tone.frequency_hz > slow) for one in drawn for tone in one.tones)


def test_noise_has_the_level_of_the_table_and_only_wear_swells(label, drawn):
    assert [*{one.noise_sigma for one in drawn}] == pytest.approx([NOISE_SIGMA.get(label, 0.0)])
    if label in SWELLING:
        check_line([one.swelling for one in drawn], SWELLING[label])
    else:
        assert {one.swelling for one in drawn} == {None}


def events_of(drawn, expected):
    """The shapes of all events: [events, samples]."""
    assert {one.impacts.starts.size for one in drawn} == {expected.count}
    assert {one.impacts.enveloped for one in drawn} == {expected.enveloped}
    return np.concatenate([one.impacts.shapes for one in drawn])


def test_classes_without_contacts_or_bubbles_have_no_impacts(label, drawn):
    assert all((one.impacts is not None) == (label in {*CONTACTS, *BUBBLES}) for one in drawn)


@pytest.mark.parametrize("label", CONTACTS, scope="module")
def test_contacts_are_noise_that_decays_from_the_amplitude_of_the_table(label, drawn):
    events, samples, decay = CONTACTS[label]
    shapes = events_of(drawn, events)
    assert shapes.shape[1] == samples
    standard = shapes / (events.amplitude * np.exp(-decay * np.arange(samples)))
    assert standard.std() == pytest.approx(1, abs=0.03)
    np.testing.assert_allclose(standard.std(axis=0), 1, atol=0.2)


@pytest.mark.parametrize("label", BUBBLES, scope="module")
def test_bubbles_are_decaying_tones_of_the_amplitude_of_the_table_under_a_hann_window(label, drawn):
    shapes = events_of(drawn, BUBBLES[label])
    assert shapes.shape[1] == round(0.008 * RATE_HZ)
    t = np.arange(shapes.shape[1]) / RATE_HZ
    tones = shapes[:, 1:-1] / (np.exp(-100 * t) * np.hanning(t.size))[1:-1]
    angles = np.arccos(tones[:, 1] / (2 * tones[:, 0]))  # sin 2a = 2 sin a cos a
    frequencies_hz = angles * RATE_HZ / (2 * np.pi)
    assert 1_500 <= frequencies_hz.min() < 1_520
    assert 2_480 < frequencies_hz.max() <= 2_500
    expected = BUBBLES[label].amplitude * np.sin(angles[:, np.newaxis] * RATE_HZ * t[1:-1])
    np.testing.assert_allclose(tones, expected, atol=1e-6)
