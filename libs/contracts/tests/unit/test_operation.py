import pytest

from babbitt.contracts.dataspec import Channel, DataSpec, ModelSpec
from babbitt.contracts.operation import FAR_SPEED, speeds_seen_hz, widened, within

DATA = DataSpec(channels=(Channel(),), sampling_rate_hz=1000, record_samples=64, class_names=("healthy",))
MODEL = ModelSpec(family="tiny", window_samples=64, hop_samples=64, class_names=("healthy",))


def test_the_speeds_that_learning_saw_are_the_models_own_or_the_one_of_all_data_or_unknown():
    constant = DATA.model_copy(update={"shaft_speed": "constant", "shaft_speed_hz": 29.5})
    ranged = MODEL.model_copy(update={"shaft_speed_range_hz": (20.0, 40.0)})
    assert speeds_seen_hz(MODEL, DATA) is None
    assert speeds_seen_hz(MODEL, constant) == (29.5, 29.5)
    assert speeds_seen_hz(ranged, constant) == (20.0, 40.0)


@pytest.mark.parametrize(
    ("value", "is_near"), [(10, True), (9.9, False), (80, True), (80.1, False), (float("nan"), False)]
)
def test_what_is_off_by_more_than_the_factor_is_far_and_so_is_what_is_no_number(value, is_near):
    assert within(value, widened((20.0, 40.0), FAR_SPEED)) is is_near
