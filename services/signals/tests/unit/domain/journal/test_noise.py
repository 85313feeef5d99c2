"""Layers of noise: their laws, and that each can be left out without touching the others."""

import numpy as np
import pytest

from babbitt.contracts.simulations import NOISE_LAYERS
from babbitt.signals.domain.journal.faults import FAULTS, HEALTHY
from babbitt.signals.domain.journal.noise import Background
from babbitt.signals.domain.journal.operating_conditions import OperatingConditions
from babbitt.signals.domain.journal.severity import SeverityLevel
from babbitt.signals.domain.journal.simulation import Simulator
from babbitt.signals.domain.streams import Layer, stream
from babbitt.signals.domain.time_base import TimeBase
from babbitt.signals.domain.tones import ToneBank

NOMINAL = OperatingConditions(1.0, 80.0, 60.0, 1000.0, 0.002)
SHORT, LONG = TimeBase.of(0.5, 20_480.0), TimeBase.of(3.0, 20_480.0)
SUMMED = [layer for layer in NOISE_LAYERS if layer not in {"measurement", "quantization"}]
"""Measurement noise is drawn with the floor, and quantization rounds: all others add to what is there without."""
UNROUNDED = ("sensor_drift", "aliasing", "impulses")
"""What comes after quantization."""


def made(layers, record=8, time=SHORT, label=HEALTHY):
    return Simulator(4, time, layers).make(label, record=record, level=SeverityLevel.MILD).samples[0].astype(float)


@pytest.fixture(scope="module")
def record_with_an_alias():
    alone = (number for number in range(200) if not np.array_equal(made(("aliasing",), number), made((), number)))
    return next(alone)


@pytest.mark.parametrize("layer", SUMMED)
def test_a_layer_that_is_left_out_takes_away_what_it_is_alone_and_nothing_else(layer, record_with_an_alias):
    unrounded = [other for other in NOISE_LAYERS if other != "quantization"]
    whole = made(unrounded, record_with_an_alias)
    without = made([other for other in unrounded if other != layer], record_with_an_alias)
    alone = made((layer,), record_with_an_alias) - made((), record_with_an_alias)
    assert np.abs(alone).max() > 0
    np.testing.assert_allclose(whole - without, alone, atol=1e-7)


def test_each_layer_draws_from_its_own_stream():
    asked = set()

    def streams(layer):
        asked.add(layer)
        return stream(1, 1, layer)

    own = {"mains": Layer.MAINS, "walk": Layer.WALK, "aliasing": Layer.ALIASING, "impulses": Layer.IMPULSES}
    for name in NOISE_LAYERS:
        asked.clear()
        Background(SHORT, (name,), ToneBank(SHORT)).draw(streams, NOMINAL)
        assert asked == {Layer.BROADBAND} | ({own[name]} if name in own else set())


def test_without_measurement_noise_only_the_broadband_level_changes():
    others = [layer for layer in NOISE_LAYERS if layer not in {"measurement", "quantization"}]
    floor, with_it = made(()), made(("measurement",))
    assert 0.003 < floor.std() < 0.017
    assert with_it.std() == pytest.approx(np.hypot(floor.std(), 0.03), rel=0.03)
    np.testing.assert_allclose(made(["measurement", *others]) - with_it, made(others) - floor, atol=1e-7)


def test_quantization_rounds_what_stands_before_it(record_with_an_alias):
    before = {layer for layer in NOISE_LAYERS if layer not in UNROUNDED}
    rounded = made(before, record_with_an_alias)
    np.testing.assert_allclose(rounded * 1000, np.rint(rounded * 1000), atol=1e-4)
    assert np.abs(rounded - made(before - {"quantization"}, record_with_an_alias)).max() <= 0.000501
    for layer in UNROUNDED:
        added = made({*before, layer}, record_with_an_alias) - rounded
        alone = made({layer}, record_with_an_alias) - made((), record_with_an_alias)
        assert np.abs(alone).max() > 0
        np.testing.assert_allclose(added, alone, atol=1e-7)
    faulty = made(before, label="desequilibre") * 1000
    assert np.abs(faulty - np.rint(faulty)).max() > 0.4


def test_layers_are_as_strong_as_their_laws_say():
    def alone(layer):
        return made((layer,), time=LONG) - made((), time=LONG)

    assert alone("walk").std() == pytest.approx(0.02, rel=1e-3)
    assert np.abs(alone("thermal_drift")).max() == pytest.approx(0.015, rel=1e-3)
    assert 0.01 <= np.abs(alone("mains")).max() <= 0.0151
    drift = alone("sensor_drift")
    np.testing.assert_allclose(drift, 0.001 * np.arange(drift.size) / drift.size, atol=1e-8)
    impulses = alone("impulses")
    assert 5 <= np.count_nonzero(impulses) <= 30
    assert np.abs(impulses).max() < 0.25


def test_one_record_in_ten_has_an_alias_that_folds_to_just_below_half_the_sampling_rate():
    simulators = Simulator(3, SHORT, ("aliasing",)), Simulator(3, SHORT, ())
    found = 0
    for record in range(100):
        with_it, without = (
            one.make(HEALTHY, record=record, level=SeverityLevel.MILD).samples[0].astype(float) for one in simulators
        )
        if (alias := with_it - without).any():
            found += 1
            line = np.argmax(np.abs(np.fft.rfft(alias))) / SHORT.duration_s
            assert 10_240 - 302 <= line <= 10_240 - 98
            assert np.sqrt(2) * alias.std() == pytest.approx(0.005, rel=0.05)
    assert 3 <= found <= 20


@pytest.mark.parametrize("samples", [200, 1_024, 20_477])
def test_records_of_any_length_can_be_made(samples):
    simulator = Simulator(1, TimeBase(samples, 1_000.0))
    for label in FAULTS:
        record = simulator.make(label, record=1, level=SeverityLevel.SEVERE).samples
        assert record.shape == (1, samples)
        assert np.isfinite(record).all()
