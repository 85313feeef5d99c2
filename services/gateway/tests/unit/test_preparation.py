"""A waveform against what a model reads. What goes wrong over HTTP is tested there; here are the numbers."""

import numpy as np
import pytest

from babbitt.contracts.dataspec import Channel
from babbitt.contracts.simulations import SKF_6205
from babbitt.gateway.errors import InvalidInput
from babbitt.gateway.predictions.preparation import STANDARD_GRAVITY, needs_resampling, prepare
from babbitt.gateway.predictions.schemas import JsonDescription
from babbitt.gateway.predictions.waveforms import Waveform


def waveform(samples, *, scale=None, channels=None, rate=20480.0, **said):
    return Waveform(
        np.asarray(samples), scale, channels, JsonDescription(sampling_rate_hz=rate, **said), in_query=False
    )


def test_what_fits_is_passed_on_without_a_copy(assigned):
    samples = np.ones((1, 2048), np.float32)
    prepared = prepare(waveform(samples), assigned())
    assert np.shares_memory(prepared.samples, samples)
    assert prepared.encoding.model_dump() == {
        "dtype": "<f4",
        "shape": (1, 2048),
        "scale": None,
        "claim_key": None,
        "claim_sha256": None,
    }
    assert prepared.warnings == ()


def test_channels_are_put_into_the_models_order_by_name(assigned):
    rows = np.arange(3 * 2048, dtype=np.float32).reshape(3, -1)
    model = assigned(channels=("left", "right"))
    prepared = prepare(waveform(rows, channels=("right", "other", "left")), model)
    np.testing.assert_array_equal(prepared.samples, rows[[2, 0]])
    assert prepared.warnings == ("channel other is not read by this model",)


def test_flat_samples_of_several_channels_lie_one_channel_after_another(assigned):
    flat = np.arange(4096, dtype=np.float32)
    prepared = prepare(waveform(flat), assigned(channels=("left", "right")))
    np.testing.assert_array_equal(prepared.samples, flat.reshape(2, 2048))


def test_a_missing_channel_is_named(assigned):
    with pytest.raises(InvalidInput, match="right is missing"):
        prepare(waveform(np.ones((1, 2048), np.float32), channels=("left",)), assigned(channels=("left", "right")))


@pytest.mark.parametrize(("unit", "factor"), [("m/s2", 1.0), ("g", STANDARD_GRAVITY), (None, 1.0)])
def test_units_are_converted_and_stored_integers_stay_integers(assigned, unit, factor):
    said = {"unit": unit} if unit else {}
    floats = prepare(waveform(np.full((1, 2048), 2.0, np.float32), **said), assigned())
    np.testing.assert_allclose(floats.samples, 2.0 * factor, rtol=1e-6)
    integers = prepare(waveform(np.full((1, 2048), 2, np.int16), scale=0.5, **said), assigned())
    assert integers.samples.dtype == np.int16
    assert integers.encoding.scale == pytest.approx(0.5 * factor)


def test_channels_of_different_units_are_converted_each(assigned):
    mixed = assigned(channels=("a", "b"))
    channels = (Channel(name="a", unit="m/s2"), Channel(name="b", unit="g"))
    mixed = mixed.model_copy(update={"data_spec": mixed.data_spec.model_copy(update={"channels": channels})})
    prepared = prepare(waveform(np.ones((2, 2048), np.int16), scale=2.0, unit="g"), mixed)
    np.testing.assert_allclose(prepared.samples[:, 0], [2 * STANDARD_GRAVITY, 2.0], rtol=1e-6)
    assert prepared.encoding.scale is None


def test_a_higher_rate_is_resampled_in_physical_units(assigned):
    tone = np.sin(2 * np.pi * 100 * np.arange(8192) / 40960)
    sent = waveform((tone * 1000).astype(np.int16)[np.newaxis], scale=0.001, rate=40960.0)
    assert needs_resampling(sent, assigned())
    prepared = prepare(sent, assigned())
    wanted = np.sin(2 * np.pi * 100 * np.arange(4096) / 20480)
    np.testing.assert_allclose(prepared.samples[0, 500:-500], wanted[500:-500], atol=0.01)
    assert (prepared.sampling_rate_hz, prepared.resampled_from_hz, prepared.encoding.scale) == (20480.0, 40960.0, None)


@pytest.mark.parametrize(
    "sent",
    [
        lambda samples: waveform(samples * np.float32(3e38), unit="g"),
        lambda samples: waveform(samples * np.float32(2e8), unit="g"),
        lambda samples: waveform((samples * 2).astype(np.int16), scale=1e9),
        lambda samples: waveform(np.where(samples == 0, samples, np.float32(np.nan)), rate=40960.0),
    ],
)
def test_what_nothing_measures_is_refused_in_the_channels_unit_with_its_place(assigned, sent):
    samples = np.zeros((2, 4096), np.float32)
    samples[1, 7] = -1
    with pytest.raises(InvalidInput, match="sample 7 of channel right is not finite, or more than") as caught:
        prepare(sent(samples), assigned(channels=("left", "right")))
    assert caught.value.problem.errors[0].accepted == "finite numbers between -1e+09 and 1e+09, in m/s2"


def test_the_unit_of_the_limit_is_the_channels(assigned):
    prepare(waveform(np.full((1, 2048), 1e9, np.float32)), assigned())
    in_g = Channel(name="vibration", unit="g")
    model = assigned()
    model = model.model_copy(update={"data_spec": model.data_spec.model_copy(update={"channels": (in_g,)})})
    prepare(waveform(np.full((1, 2048), 5e9, np.float32), unit="m/s2"), model)


def test_speed_in_rpm_becomes_hertz_and_a_doubtful_one_is_a_warning_where_it_is_not_read(assigned):
    samples = np.ones((1, 2048), np.float32)
    assert prepare(waveform(samples, shaft_speed_rpm=1800.0), assigned()).shaft_speed_hz == 30.0
    constant = assigned(shaft_speed="constant", shaft_speed_hz=30.0)
    assert prepare(waveform(samples, shaft_speed_hz=45.0), constant).warnings == ()
    doubtful = prepare(waveform(samples, shaft_speed_hz=1800.0), constant)
    assert "as shaft_speed_rpm, 1800 would fit" in doubtful.warnings[0]


def ranged(model, lowest_hz, highest_hz):
    learnt = model.model_spec.model_copy(update={"shaft_speed_range_hz": (lowest_hz, highest_hz)})
    return model.model_copy(update={"model_spec": learnt})


@pytest.mark.parametrize(
    ("said", "accepted"),
    [
        ({"shaft_speed_hz": 20.0}, None),
        ({"shaft_speed_rpm": 4800.0}, None),
        ({"shaft_speed_hz": 9.0}, "10 to 80 Hz"),
        ({"shaft_speed_rpm": 6000.0}, "10 to 80 Hz"),
        ({"shaft_speed_hz": 1800.0}, "10 to 80 Hz"),
        ({}, "shaft_speed_hz or shaft_speed_rpm, exactly one"),
    ],
)
def test_a_speed_that_a_model_reads_has_to_be_near_to_those_that_it_has_learnt_from(assigned, said, accepted):
    model = ranged(assigned(inputs=("waveform", "shaft_speed_hz"), shaft_speed="per_record"), 20.0, 40.0)
    sent = waveform(np.ones((1, 2048), np.float32), **said)
    if accepted is None:
        assert prepare(sent, model).warnings == ()
        return
    with pytest.raises(InvalidInput) as caught:
        prepare(sent, model)
    (wrong,) = caught.value.problem.errors
    assert wrong.accepted == accepted
    assert ("as shaft_speed_rpm, 1800 would fit" in wrong.detail) is (said == {"shaft_speed_hz": 1800.0})


def test_a_speed_that_the_data_say_of_all_machines_need_not_be_told(assigned):
    constant = assigned(inputs=("waveform", "shaft_speed_hz"), shaft_speed="constant", shaft_speed_hz=30.0)
    assert prepare(waveform(np.ones((1, 2048), np.float32)), constant).shaft_speed_hz is None


READS_ORDERS = ("waveform", "fault_orders")
GEOMETRY = {"balls": 9, "ball_diameter_mm": 7.94, "pitch_diameter_mm": 39.04}


def test_a_bearing_becomes_its_orders_and_orders_stay_as_they_are(assigned):
    samples, model = np.ones((1, 2048), np.float32), assigned(inputs=READS_ORDERS)
    assert prepare(waveform(samples, bearing=GEOMETRY), model).fault_orders == pytest.approx(
        (3.5848, 5.4152, 2.3567, 0.3983), abs=1e-3
    )
    orders = (3.0, 5.0, 2.0, 0.4)
    assert prepare(waveform(samples, fault_orders=orders), model).fault_orders == orders


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({}, "/bearing"),
        ({"bearing": GEOMETRY, "fault_orders": (3.0, 5.0, 2.0, 0.4)}, "/fault_orders"),
        ({"bearing": GEOMETRY | {"ball_diameter_mm": 40}}, "/bearing"),
        ({"bearing": GEOMETRY | {"balls": 10_000}}, "/bearing"),
    ],
)
def test_no_bearing_two_and_one_that_cannot_be_are_refused(assigned, said, pointer):
    with pytest.raises(InvalidInput) as caught:
        prepare(waveform(np.ones((1, 2048), np.float32), **said), assigned(inputs=READS_ORDERS))
    (wrong,) = caught.value.problem.errors
    assert wrong.pointer == pointer
    assert wrong.accepted


def test_a_bearing_that_the_data_have_need_not_be_told(assigned):
    model = assigned(inputs=READS_ORDERS, bearing=SKF_6205)
    assert prepare(waveform(np.ones((1, 2048), np.float32)), model).fault_orders is None
