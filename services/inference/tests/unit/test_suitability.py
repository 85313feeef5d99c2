import pytest

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
