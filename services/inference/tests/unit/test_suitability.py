import pytest

from babbitt.contracts.simulations import SKF_6205
from babbitt.inference.domain.suitability import check
from babbitt.inference.errors import UnsuitableWaveform


@pytest.mark.parametrize("rate_hz", [999.0, 1_000.0, 1_001.0])
def test_a_rate_within_a_thousandth_is_taken_as_it_is(request_for, data_spec, model_spec, rate_hz):
    check(request_for(sampling_rate_hz=rate_hz), (1, 64), data_spec, model_spec)


@pytest.mark.parametrize(
    ("rate_hz", "shape", "says"),
    [
        (998.9, (1, 64), "the model reads 1000"),
        (1_002.0, (1, 64), "the model reads 1000"),
        (1_000.0, (2, 64), r"the model reads 1 \(vibration\)"),
        (1_000.0, (1, 63), "needs 64 at least"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_is_accepted(request_for, data_spec, model_spec, rate_hz, shape, says):
    with pytest.raises(UnsuitableWaveform, match=says):
        check(request_for(sampling_rate_hz=rate_hz), shape, data_spec, model_spec)


ORDERS = (3.6, 5.4, 2.4, 0.4)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"fault_orders": ORDERS}, "shaft_speed_hz: the model reads it"),
        ({"shaft_speed_hz": 30.0}, "fault_orders: the model reads them"),
        ({"shaft_speed_hz": 9.9, "fault_orders": ORDERS}, "reads 10 to 80"),
        ({"shaft_speed_hz": 80.1, "fault_orders": ORDERS}, "reads 10 to 80"),
        ({"shaft_speed_hz": -30.0, "fault_orders": ORDERS}, "reads 10 to 80"),
    ],
)
def test_what_a_model_reads_beside_the_waveform_has_to_be_known_and_near_to_what_it_has_learnt(
    request_for, data_spec, reading_spec, asked, says
):
    ranged = reading_spec.model_copy(update={"shaft_speed_range_hz": (20.0, 40.0)})
    with pytest.raises(UnsuitableWaveform, match=says):
        check(request_for(**asked), (1, 64), data_spec, ranged)


def test_what_the_data_say_of_all_machines_need_not_be_told(request_for, data_spec, reading_spec):
    data = data_spec.model_copy(update={"shaft_speed": "constant", "shaft_speed_hz": 29.5, "bearing": SKF_6205})
    check(request_for(), (1, 64), data, reading_spec)
